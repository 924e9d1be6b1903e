"""A report: what a check found, package by package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.finding import Finding
from posttrain_arena.model.trial import Failure

Level = Literal["schema", "structural", "publication-grade"]
Outcome = Literal["passed", "fix", "broken"]
RESOURCES = ("build time", "agent time", "verifier time", "cores", "memory", "disk")
"""What a package's own trials may be measured by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSummary:
    """What one trial of the check showed; ``reward`` is None when there is no valid one."""

    agent: str
    reward: float | None
    passed: bool
    failure: Failure | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most that a package's own trials used of something, and what the package declares."""

    resource: str
    used: float
    limit: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One package, or the manifest of one entry. ``broken`` means that we failed and the author need do nothing.

    ``topic`` is the track of an entry and the domain of a package, empty where that cannot be read.
    """

    kind: Literal["package", "entry"]
    name: str
    path: str
    digest: str | None
    outcome: Outcome
    findings: tuple[Finding, ...]
    trials: tuple[TrialSummary, ...] = ()
    peaks: tuple[Peak, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Totals over all subjects."""

    packages: int
    errors: int
    warnings: int
    notes: int
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``subjects`` are sorted by path; ``outcome`` is fix before broken before passed."""

    SCHEMA: ClassVar[str] = "report"

    schema: Literal["report/1"] = "report/1"
    level: Level
    outcome: Outcome
    subjects: tuple[Subject, ...]
    counts: Counts
