"""Published runs of agents and their references, for tests and for looking at the pages."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from typing import Any

from posttrain_arena.core.agents_board.board import Standard, build_board
from posttrain_arena.core.agents_board.results import agents_of
from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.agents_references import AgentsReferences, HiddenSplit, ReferenceScore
from posttrain_arena.model.agents_result import AgentsResult, ResultAudit, ResultFlag
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import said_digest

DIGEST = "sha256:" + "ab" * 32
SOURCES = ("run", "evaluation", "audit")
NOT_FLAGGED = ResultAudit(verdict="not-flagged", not_judged=("known-tensors",), found=0, flags=(), judge="not-judged")
FLAG = ResultFlag(detector="answer-key", what="<b>answers</b>", where="workspace/=cmd.py:3", measure="150 in a row")
FLAGGED = ResultAudit(verdict="flagged", not_judged=(), found=7, flags=(FLAG,), judge="not-judged")
REFERENCES = AgentsReferences(
    budget_sec=120.0,
    base_models={name: "sha256:" + 32 * digits for name, digits in (("a", "0a"), ("b", "0b"))},
    splits={
        name: HiddenSplit(version="1", digest="sha256:" + 32 * digits, seed=0)
        for name, digits in (("sums", "51"), ("words", "52"))
    },
    scores=tuple(
        ReferenceScore(
            kind=kind,
            model=model,
            base_model=model.removesuffix("-it"),
            benchmark=name,
            score=score,
            standard_error=0.02,
            items=100,
        )
        for kind, model, name, score in (
            ("base", "a", "sums", 0.1),
            ("base", "a", "words", 0.2),
            ("base", "b", "sums", 0.3),
            ("base", "b", "words", 0.0),
            ("instruct", "a-it", "sums", 0.5),
            ("instruct", "a-it", "words", 0.9),
            ("instruct", "b-it", "sums", 0.7),
            ("instruct", "b-it", "words", 0.9),
            ("few-shot", "a", "sums", 0.2),
        )
    ),
)


def cell(base: str, benchmark: str, raw: float | None = 0.8, **changes: Any) -> AgentsResult:
    """Return a published run of one agent; ``changes`` replace fields, and ``id`` is one without the digest."""
    name = changes.pop("id", f"run-{base}-{benchmark}-{changes.get('attempt', 1)}")
    digests = {what: "sha256:" + hashlib.sha256(f"{what} {name}".encode()).hexdigest() for what in SOURCES}
    if raw is None:
        del digests["evaluation"]
    found = AgentsResult(
        id=f"{name}-{digests['run'].removeprefix('sha256:')[:12]}",
        digest="",
        agent="trainer",
        entry="team",
        agent_digest=DIGEST,
        base_model=base,
        base_digest=REFERENCES.base_models[base],
        benchmark=benchmark,
        split=None if raw is None else REFERENCES.splits[benchmark],
        chat_template="base",
        attempt=1,
        raw=raw,
        standard_error=None if raw is None else math.sqrt(raw * (1 - raw) / 99),
        scores=() if raw is None else (1.0,) * round(100 * raw) + (0.0,) * round(100 - 100 * raw),
        reason=None,
        exit="finished",
        started="2026-11-21T10:00:00Z",
        wall_sec=60.0,
        budget_sec=120.0,
        cost_usd=None,
        audit=NOT_FLAGGED,
        sources=digests,
    )
    return signed(dataclasses.replace(found, **changes))


def signed(result: AgentsResult) -> AgentsResult:
    """Return a run with the digest of what it says."""
    return dataclasses.replace(result, digest=said_digest(result))


def agents_board(*results: AgentsResult, changes: tuple[Change, ...] = ()) -> AgentsBoard:
    """Return the board of runs."""
    return build_board(agents_of(results, Standard(REFERENCES), changes), REFERENCES, changes)
