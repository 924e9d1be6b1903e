"""What is kept of a trial on a sealed task holds nothing of the task, whatever the trial went through."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from posttrain_arena.core.suites.redact import redacted
from posttrain_arena.model.documents import from_document, to_document
from posttrain_arena.model.trial import Failure, NetworkRequest, Timings, ToolCall, Trial, Turn, Usage

MARK = "SECRET"
secret = st.text(max_size=20).map(lambda text: f"{MARK}{text}")
turns = st.builds(
    Turn,
    role=st.sampled_from(["system", "user", "assistant", "tool", "context"]),
    content=secret,
    tool_calls=st.just((ToolCall(name=MARK, arguments={MARK: MARK}, malformed=MARK),)),
    token_ids=st.just((1, 2, 3)),
    logprobs=st.none() | st.just((-0.5, -0.25)),
    exit_code=st.integers(0, 255),
    scene=secret,
    participant=secret,
    cut_chars=st.integers(0, 100),
    prompt_tokens=st.none() | st.integers(1, 10**6),
    completion_tokens=st.none() | st.integers(1, 10**6),
)
failures = st.builds(
    Failure, stage=st.just("verifier"), owner=st.just("author"), reason=st.just("verifier-crashed"), detail=secret
)
trials = st.builds(
    Trial,
    task=st.just("T-017"),
    task_digest=st.just("sha256:" + "a" * 64),
    agent=st.just("chat"),
    attempt=st.integers(0, 9),
    seed=st.integers(0, 9),
    isolation=st.just("fresh"),
    image=st.just("sha256:" + "b" * 64),
    reward=st.none() | st.floats(0, 1),
    passed=st.booleans(),
    exit_reason=st.just("submitted"),
    failure=st.none() | failures,
    timings=st.just(Timings(agent_sec=1.5)),
    trajectory=st.lists(turns, max_size=3).map(tuple),
    agent_log=secret,
    verifier_log=secret,
    agent_usage=st.just(Usage(memory_mb=12.5)),
    requests=st.just((NetworkRequest(host=f"{MARK}.example.org", port=443, allowed=True),)),
)


@given(trials)
def test_no_word_of_a_task_is_kept(trial: Trial) -> None:
    kept = to_document(redacted(trial))
    text = json.dumps(kept)
    assert MARK not in text
    assert "b" * 64 not in text
    assert from_document(Trial, kept, where="kept") == redacted(trial)


@given(trials)
def test_what_a_score_needs_is_kept(trial: Trial) -> None:
    kept = redacted(trial)
    names = ("task", "task_digest", "attempt", "seed", "reward", "passed", "exit_reason", "timings", "lost")
    assert all(getattr(kept, name) == getattr(trial, name) for name in names)
    assert len(kept.trajectory) == len(trial.trajectory)
    for turn, before in zip(kept.trajectory, trial.trajectory, strict=True):
        assert turn.completion_tokens == (before.completion_tokens if before.logprobs is None else 2)


def _blank(value: Any) -> bool:
    return value in (None, "", (), 0, 0.0)


@given(trials)
def test_a_field_that_nobody_thought_of_is_left_out(trial: Trial) -> None:
    """Turns are made anew from what may be told, so a new field of theirs is blank until somebody lists it."""
    told = {"role", "duration_sec", "context", "finish_reason", "completion_tokens"}
    for turn in redacted(trial).trajectory:
        assert all(_blank(getattr(turn, name)) for name in Turn.__dataclass_fields__ if name not in told)
