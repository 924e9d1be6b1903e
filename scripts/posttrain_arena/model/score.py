"""A score: the lift of one checkpoint over the baseline, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.competition import AnalysisPlan

Estimand = Literal["this checkpoint", "this corpus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A closed interval. Ends of t intervals may lie outside what a rate can reach; only pages clip them."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The lift on one domain or group. ``interval`` is the small-set one; None for a single task."""

    name: str
    n: int
    delta: float
    interval: Interval | None
    entry_rate: float
    baseline_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Lost trials on both sides, and the lift in the two worst cases of what they would have scored."""

    entry: int
    baseline: int
    share: float
    delta_low: float
    delta_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """The lift over several training seeds: variances by source, and the Satterthwaite degrees of their sum.

    ``task_interval`` is the exact bootstrap over tasks, which speaks of these checkpoints alone.
    """

    entry: tuple[str, ...]
    baseline: tuple[str, ...]
    variance_tasks: float
    variance_entry_seeds: float
    variance_entry_residual: float
    variance_baseline_seeds: float
    variance_baseline_residual: float
    variance: float
    degrees: float
    task_interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """All rates and differences are fractions of 1. ``docs/scoring.md`` explains every number.

    ``interval`` speaks of the ``estimand``: the exact bootstrap for one checkpoint, the t over tasks and seeds where
    ``seeds`` is there. The p-values are two-sided and of this score alone, before Holm.
    """

    SCHEMA: ClassVar[str] = "score"

    schema: Literal["score/1"] = "score/1"
    estimand: Estimand = "this checkpoint"
    analysis: AnalysisPlan
    analysis_digest: str
    suite: str
    suite_digest: str
    entry_evaluation: str
    baseline_evaluation: str
    n: int
    k: int
    k_b: int
    delta: float
    macro: float
    interval: Interval
    tail_level: float
    se: float
    t_interval: Interval
    t_p_value: float
    sign_flip_p_value: float
    small_set_interval: Interval
    small_set_method: Literal["tango", "pseudo-tasks"]
    changed_tasks: int
    sparse: bool
    resolved_delta: float
    grid: int
    exact: bool
    entry_rate: float
    baseline_rate: float
    lost: Lost
    domains: tuple[Cell, ...]
    groups: tuple[Cell, ...]
    seeds: Seeds | None = None

    @property
    def told(self) -> Interval:
        """The interval that stands beside the lift: on a small or sparse set the small-set one."""
        return self.small_set_interval if self.sparse else self.interval
