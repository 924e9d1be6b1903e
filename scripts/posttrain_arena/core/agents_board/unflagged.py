"""Average what is left of an agent without the cells that the audit flagged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from posttrain_arena.core.agents_board.aggregate import Grid, Spread, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """``average`` over the attempts of which a cell is left; ``benchmarks`` has mean and cells of those that remain."""

    average: Spread
    benchmarks: Mapping[str, tuple[float, int]]


def without_flagged(runs: Sequence[Grid], weight: Mapping[str, float]) -> Left | None:
    """Return what the cells come to that no audit flagged, None where all are flagged.

    An attempt scores Σ_b w_b · mean_m score_m,b / Σ_b w_b: the mean goes over the base models whose cell is left, the
    sums over the benchmarks of which one is. What falls back for another reason stays in, with the base score. So an
    agent without a flag has the average that it has anyway.
    """
    left = [row for row in map(_left, runs) if any(weight[name] for name in row)]
    if not left:
        return None
    names = [name for name in weight if any(name in row for row in left)]
    return Left(
        average=spread(_score(row, weight) for row in left),
        benchmarks={
            name: (fmean(fmean(row[name]) for row in left if name in row), sum(len(row.get(name, ())) for row in left))
            for name in names
        },
    )


def _left(run: Grid) -> dict[str, list[float]]:
    """Return benchmark → what counts in its cells that are not flagged, without benchmarks of which none is left."""
    found: dict[str, list[float]] = {}
    for row in run.values():
        for name, cell in row.items():
            if cell.reason != "audit-flagged":
                found.setdefault(name, []).append(cell.used)
    return found


def _score(left: Mapping[str, Sequence[float]], weight: Mapping[str, float]) -> float:
    remaining = 1 - math.fsum(weight[name] for name in weight if name not in left)  # exactly 1 where none is gone
    return math.fsum(weight[name] * fmean(left[name]) for name in weight if name in left) / remaining
