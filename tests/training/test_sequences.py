"""Training sequences: the loss falls on what the model wrote and on nothing else."""

from __future__ import annotations

import pytest

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.embedded import build_tokenizer
from posttrain_arena.core.training.sequences import demonstrated_sequence, sampled_sequence
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model.trial import Timings, ToolCall, Trial, Turn

LOOK = ToolCall(name="bash", arguments={"command": "cat note"})
SUBMIT = ToolCall(name="submit", arguments={})


@pytest.fixture(scope="module")
def tokens() -> ChatTokens:
    return ChatTokens(build_tokenizer(("cat ", "note", "secret")))


def _trial(*turns: Turn) -> Trial:
    return Trial(
        task="t",
        task_digest="sha256:" + "0" * 64,
        agent="oracle",
        attempt=0,
        seed=0,
        isolation="fresh",
        image=None,
        reward=1.0,
        passed=True,
        exit_reason="submitted",
        failure=None,
        timings=Timings(),
        trajectory=turns,
    )


def test_a_demonstration_teaches_what_the_assistant_wrote_and_no_tool_output(tokens) -> None:
    sequence = demonstrated_sequence(
        _trial(
            Turn(role="user", content="Read it."),
            Turn(role="assistant", content="", tool_calls=(LOOK,)),
            Turn(role="tool", content="secret"),
            Turn(role="assistant", content="", tool_calls=(SUBMIT,)),
        ),
        tokens,
        TOOLS,
    )
    taught = [token for token, mask in zip(sequence.completion_ids, sequence.loss_mask, strict=True) if mask]
    masked = [token for token, mask in zip(sequence.completion_ids, sequence.loss_mask, strict=True) if not mask]
    assert taught == tokens.assistant("", (LOOK,)) + tokens.assistant("", (SUBMIT,))
    assert masked == tokens.tool_results(("secret",))
    assert list(sequence.prompt_ids) == tokens.prompt("Read it.", TOOLS)


def test_a_sampled_trial_gives_exactly_its_own_ids() -> None:
    sequence = sampled_sequence(
        _trial(
            Turn(role="user", content="x", token_ids=(1, 2)),
            Turn(role="assistant", content="y", token_ids=(3, 4), logprobs=(-0.5, -0.25)),
            Turn(role="tool", content="z", token_ids=(5, 6, 7)),
            Turn(role="assistant", content="", token_ids=(8,), logprobs=(-1.0,)),
        )
    )
    assert sequence is not None
    assert sequence.prompt_ids == (1, 2)
    assert sequence.completion_ids == (3, 4, 5, 6, 7, 8)
    assert sequence.loss_mask == (1, 1, 0, 0, 0, 1)
    assert sequence.logprobs == (-0.5, -0.25, 0.0, 0.0, 0.0, -1.0)


def test_of_several_contexts_the_one_with_most_sampled_tokens_is_trained() -> None:
    """Two roles take turns in contexts 0 and 1; then old output of 0 is cut, and 2 goes on with a whole prompt."""
    sequence = sampled_sequence(
        _trial(
            Turn(role="system", content="s"),
            Turn(role="user", content="x", token_ids=(1, 2)),
            Turn(role="assistant", content="y", token_ids=(3,), logprobs=(-0.5,)),
            Turn(role="user", content="x", token_ids=(10,), context=1),
            Turn(role="assistant", content="y", token_ids=(11, 12), logprobs=(-0.25, -0.5), context=1),
            Turn(role="user", content="again", token_ids=(4,)),
            Turn(role="assistant", content="y", token_ids=(5,), logprobs=(-0.5,)),
            Turn(role="context", content="cut", token_ids=(1, 2, 7), context=2),
            Turn(role="assistant", content="y", token_ids=(8, 9), logprobs=(-1.0, -2.0), context=2),
            Turn(role="tool", content="z", context=2),
        )
    )
    assert sequence is not None
    assert (sequence.prompt_ids, sequence.completion_ids) == ((1, 2, 7), (8, 9))
    assert (sequence.loss_mask, sequence.logprobs) == ((1, 1), (-1.0, -2.0))


@pytest.mark.parametrize(
    "turns",
    [(), (Turn(role="user", content="x"),), (Turn(role="user", content="x", token_ids=(1,)),)],
    ids=["never started", "without ids", "sampled nothing"],
)
def test_a_trial_in_which_nothing_was_sampled_gives_no_sequence(turns) -> None:
    assert sampled_sequence(_trial(*turns)) is None
