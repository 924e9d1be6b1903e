"""An audit of one run of the track agents: what each detector saw, and what judges advised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Status = Literal["flagged", "not-flagged", "not-judged"]
"""``not-judged`` is a detector that lacked what it judges by; it is never the same as ``not-flagged``."""


Advice = Literal["not-judged", "advises-a-look", "nothing-seen", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One piece of evidence: what was found, where (file and line, host, tensor, item) and what was measured."""

    what: str
    where: str
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorReport:
    """``why`` says why a detector did not judge. ``flags`` are at most 50 of ``found``. ``notes`` accuse nobody."""

    id: str
    what: str
    error_rate: str
    status: Status
    why: str = ""
    found: int = 0
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeVote:
    """One answer of a model judge; ``vote`` is None where it gave none that can be read."""

    vote: Literal["cheating", "honest"] | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReport:
    """The advice of a model judge, by majority of its votes. It decides nothing and clears nothing."""

    status: Advice
    model: str = ""
    votes: tuple[JudgeVote, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """``verdict`` is ``flagged`` where one detector flagged; ``not_judged`` names those that could not judge."""

    SCHEMA: ClassVar[str] = "audit"

    schema: Literal["audit/1"] = "audit/1"
    run: str
    run_digest: str
    evaluation_digest: str | None
    verdict: Status
    not_judged: tuple[str, ...]
    detectors: tuple[DetectorReport, ...]
    judge: JudgeReport
