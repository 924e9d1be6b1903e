"""Sum the cells of runs up to scores, averages and sample SDs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_cells import Cell, Fallback

Grid = Mapping[str, Mapping[str, Cell]]
"""Base model → benchmark → cell: everything that one run of an agent did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean, sample SD (by n - 1) and number of values; one value has no SD."""

    mean: float
    sd: float | None
    n: int

    @property
    def se(self) -> float | None:
        """Return the standard error of the mean, None for a single value."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One agent. ``cells`` has mean and SD over runs, ``benchmark_sd`` the plain mean over models of the cells' SDs."""

    scores: tuple[float, ...]
    average: Spread
    cells: Mapping[str, Mapping[str, Spread]]
    benchmark_mean: Mapping[str, float]
    benchmark_sd: Mapping[str, float | None]


def used_cell(raw: float | None, base: float, reason: Fallback | None, why: str = "") -> Cell:
    """Return a cell that counts with ``raw``, or with the zero-shot base score where a reason is given.

    Raises UsageError for a cell that has neither a number nor a reason, and for what is no fraction of 1.
    """
    if raw is not None and not 0 <= raw <= 1:
        raise UsageError(f"a score of {raw}: give a fraction between 0 and 1")
    if reason is None and raw is None:
        raise UsageError("a cell without a score must say why: give a reason")
    return Cell(raw=raw, used=base if reason or raw is None else raw, reason=reason, why=why)


def full_grid(cells: Grid, base: Scores, benchmarks: Sequence[str]) -> dict[str, dict[str, Cell]]:
    """Return every base model by benchmark; what a run lacks falls back with the reason ``no-run``."""
    for model, row in cells.items():
        if unknown := ({model} - set(base)) or (set(row) - set(benchmarks)):
            raise UsageError(f"{model}: {', '.join(sorted(unknown))}: not among the base models and benchmarks")
    return {
        model: {name: cells.get(model, {}).get(name) or used_cell(None, scores[name], "no-run") for name in benchmarks}
        for model, scores in base.items()
    }


def score(grid: Grid, weight: Mapping[str, float]) -> float:
    """Return Σ_b w_b · mean over base models of what counts."""
    return weighted({model: {name: cell.used for name, cell in row.items()} for model, row in grid.items()}, weight)


def weighted(scores: Scores, weight: Mapping[str, float]) -> float:
    """Return Σ_b w_b · mean over the models that have a score; a benchmark that weighs needs one."""
    return math.fsum(
        weight[name] * fmean(row[name] for row in scores.values() if name in row) for name in weight if weight[name]
    )


def spread(values: Iterable[float]) -> Spread:
    """Return mean, sample SD and count."""
    found = list(values)
    return Spread(mean=fmean(found), sd=stdev(found) if len(found) > 1 else None, n=len(found))


def aggregate(runs: Sequence[Grid], weight: Mapping[str, float]) -> Aggregate:
    """Return what is shown of an agent; all its runs have the same full grid."""
    if not runs:
        raise UsageError("an agent without runs: give at least one")
    scores = tuple(score(run, weight) for run in runs)
    cells = {model: {name: spread(run[model][name].used for run in runs) for name in weight} for model in runs[0]}
    return Aggregate(
        scores=scores,
        average=spread(scores),
        cells=cells,
        benchmark_mean={name: fmean(row[name].mean for row in cells.values()) for name in weight},
        benchmark_sd={name: mean_sd(row[name].sd for row in cells.values()) for name in weight},
    )


def mean_sd(deviations: Iterable[float | None]) -> float | None:
    """Return the plain mean over models of the SDs of their cells, as the published "±" is made; None without runs."""
    found = [sd for sd in deviations if sd is not None]
    return fmean(found) if found else None
