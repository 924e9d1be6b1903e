"""A sealed run: what is public of a run on the sealed suite until the reveal, aggregates alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from posttrain_arena.model.leaderboard_run import Entry, LeaderboardRun, Pin, Series, StageRate, Status, TrialStats
from posttrain_arena.model.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEvaluation:
    """What may be told of an evaluation: its digest, which the reveal must meet, and how large it is."""

    stage: str
    checkpoint: str
    digest: str
    trials_per_task: int
    n: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRun:
    """``leaderboard/sealed/runs/<id>.json``: a ``LeaderboardRun`` without the rewards of its tasks.

    ``digest`` is that of all the rest.
    """

    SCHEMA: ClassVar[str] = "sealed-run"

    schema: Literal["sealed-run/1"] = "sealed-run/1"
    id: str
    digest: str
    entry: Entry
    job: str
    recipe: Pin
    suite: Pin
    base_model: str
    checkpoint: str
    seed: int
    attempt: int
    status: Status
    reason: str
    baseline: SealedEvaluation
    evaluations: tuple[SealedEvaluation, ...]
    scored_stage: str
    score: Score
    stages: tuple[StageRate, ...]
    curves: tuple[Series, ...]
    trials: tuple[TrialStats, ...]
    versions: dict[str, str]
    hardware: str
    wall_sec: dict[str, float]
    checkpoint_steps: dict[str, int] = field(default_factory=dict)
    gpu_hours: float | None = None
    cost_usd: float | None = None
    sources: dict[str, str] = field(default_factory=dict)


Published = LeaderboardRun | SealedRun
"""A run with its rewards, or what is told of it before the reveal."""
