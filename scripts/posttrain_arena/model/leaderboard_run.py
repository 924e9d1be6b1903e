"""A leaderboard run: one scored run of one entry, with everything needed to recompute its score."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.score import Interval, Score

Track = Literal["environments", "skills", "agents"]
Status = Literal["ranked", "exhibition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Whose run it is. ``team``, ``title`` and ``url`` are written by contributors: hostile text."""

    name: str
    team: str
    title: str
    track: Track
    digest: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A thing with a name, fixed by its digest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRate:
    """The mean reward of one stage on one group of tasks; ``group`` None means the whole suite."""

    stage: str
    group: str | None
    n: int
    rate: float
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One training curve; ``values`` has one number per step, None where nothing was measured."""

    stage: str
    name: str
    unit: str
    steps: tuple[int, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStats:
    """The trials of one stage. The seconds are sums over trials, so they exceed the wall time of parallel trials."""

    stage: str
    trials: int
    trials_per_sec: float
    timeouts: int
    start_sec: float
    agent_sec: float
    model_sec: float
    capture_sec: float
    verify_sec: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRun:
    """``leaderboard/runs/<id>.json``. ``score`` and ``stages`` follow from ``evaluations`` and ``baseline``.

    ``digest`` is that of everything else.

    ``checkpoint_steps`` has the step that each training stage's checkpoint is from. ``sources`` names what else fixes
    the run: commits, pull request, images. ``gpu_hours`` and ``cost_usd`` are None where nobody counted.
    """

    SCHEMA: ClassVar[str] = "leaderboard-run"

    schema: Literal["leaderboard-run/1"] = "leaderboard-run/1"
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
    baseline: Evaluation
    evaluations: tuple[Evaluation, ...]
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

    @property
    def task_pins(self) -> frozenset[tuple[str, str, str, str]]:
        """Return id, digest, domain and group of every task of the suite that it was measured on."""
        return frozenset((task.id, task.digest, task.domain, task.group) for task in self.baseline.tasks)
