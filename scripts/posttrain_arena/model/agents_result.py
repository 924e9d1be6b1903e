"""A published run of the track agents: one cell of the agents' board, with the evidence against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.agents_cells import Fallback
from posttrain_arena.model.agents_references import HiddenSplit
from posttrain_arena.model.audit import Advice, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFlag:
    """One piece of evidence of one detector."""

    detector: str
    what: str
    where: str
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAudit:
    """What the audit came to; ``found`` counts the evidence of which ``flags`` has the first of each detector."""

    verdict: Status
    not_judged: tuple[str, ...]
    found: int
    flags: tuple[ResultFlag, ...]
    judge: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsResult:
    """``raw`` is the mean of ``scores``, those of the hidden items by id; ``reason`` says why it does not count.

    ``base_digest`` covers the base model's folder. ``split`` is what was asked, None where there is no evaluation.
    Runs of one ``attempt`` make up one score of the agent. ``sources`` has the digests of ``run``, ``audit`` and, where
    there is one, ``evaluation``; ``id`` ends in that of the run. ``digest`` is that of all the rest.
    """

    SCHEMA: ClassVar[str] = "agents-result"

    schema: Literal["agents-result/1"] = "agents-result/1"
    id: str
    digest: str
    agent: str
    entry: str
    agent_digest: str
    base_model: str
    base_digest: str
    benchmark: str
    split: HiddenSplit | None
    chat_template: Literal["base", "own"]
    attempt: int
    raw: float | None
    standard_error: float | None
    scores: tuple[float, ...]
    reason: Fallback | None
    why: str = ""
    exit: str
    started: str
    wall_sec: float
    budget_sec: float
    cost_usd: float | None
    audit: ResultAudit
    sources: dict[str, str]
