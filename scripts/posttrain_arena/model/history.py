"""The history of the board: which runs were published and what changed, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.change import ChangeKind
from posttrain_arena.model.leaderboard_run import Pin, Status, Track
from posttrain_arena.model.score import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One published run in short; ``lost`` counts the entry's lost trials."""

    run: str
    entry: str
    track: Track
    suite: Pin
    attempt: int
    seed: int
    status: Status
    reason: str
    delta: float
    interval: Interval
    n: int
    k: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """One entry of the changelog in short."""

    kind: ChangeKind
    entry: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on one day in UTC; ``day`` is None for runs of which nobody knows it."""

    day: str | None
    runs: tuple[Attempt, ...]
    changes: tuple[DayChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """``api/v1/history.json`` and ``api/v1/history/<day>.json``, oldest day first."""

    SCHEMA: ClassVar[str] = "history"

    schema: Literal["history/1"] = "history/1"
    days: tuple[Day, ...]
