"""Which differences between entries the data supports: the ranks that the paired tests of all pairs leave open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.scoring.intervals import SPARSE
from posttrain_arena.core.scoring.seeds import seed_variance
from posttrain_arena.core.scoring.significance import holm_threshold, t_from_sums, t_of_p_value, t_p_value

Lifts = Mapping[int, NDArray[np.float64]]
"""Row number to the lifts of its training seeds on the tasks, (m, n)."""

ROUND_OFF = 1e-12
"""Differences of differences nearer to zero than this are zero."""

ALIKE = 1e-6
"""Rows whose distance is less than this share of their squares are subtracted: products would lose its digits."""

BLOCK = 64
"""Rows whose pairs are worked on at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSets:
    """The ranks that the data leaves open for each row, and which rows are worse than the first by lift."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    behind_first: NDArray[np.bool_]


def rank_sets(rows: NDArray[np.float64], seeds: Lifts | None = None, *, level: float) -> RankSets:
    """Return [1 + rows significantly better, J - rows significantly worse] for each row of paired differences (J, n).

    Significant by the paired t of two rows, after Holm at ``level`` over all J(J - 1)/2 pairs. ``seeds`` has the lift
    of each training seed on each task (m, n) for rows that are means of several: their t holds the noise of seeds.
    """
    size, n = rows.shape
    found = _pair_statistics(rows)
    for at, lifts in (seeds or {}).items():
        found[at] = _statistics_with_seeds(at, lifts, rows, seeds or {})
        found[:, at] = -found[at]
    wins = found > holm_threshold(found, n - 1, tests=size * (size - 1) // 2, level=level)
    return RankSets(
        low=1 + wins.sum(axis=0),
        high=size - wins.sum(axis=1),
        behind_first=wins[int(np.argmax(rows.mean(axis=1)))],
    )


def _pair_statistics(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the t statistic of row a over row b in cell (a, b), the sums of squares from the rows' products."""
    squares, total = np.einsum("ij,ij->i", rows, rows), rows.sum(axis=1)
    found = np.empty((len(rows), len(rows)))
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        both = squares[block, None] + squares
        apart = both - 2 * rows[block] @ rows.T
        alike = np.nonzero(apart < ALIKE * both)
        apart[alike] = ((rows[block][alike[0]] - rows[alike[1]]) ** 2).sum(axis=1)
        found[block] = t_from_sums(total[block, None] - total, apart, rows.shape[1])
    return found


def _statistics_with_seeds(
    at: int, lifts: NDArray[np.float64], rows: NDArray[np.float64], seeds: Lifts
) -> NDArray[np.float64]:
    """Return the t of row ``at`` over every row by ``seed_variance``: that of n - 1 degrees with the same p-value."""
    found = np.zeros(len(rows))
    for other in (index for index in range(len(rows)) if index != at):
        noise = seed_variance(lifts, seeds.get(other, rows[other][None]))
        delta = float(rows[at].mean() - rows[other].mean())
        p_value = t_p_value(delta, error=math.sqrt(noise.total), degrees=noise.degrees)
        found[other] = math.copysign(t_of_p_value(p_value, rows.shape[1] - 1), delta)
    return found


def standard_errors(rows: NDArray[np.float64], trials: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return sd/√n of each row, never zero: after two pseudo-tasks ±1/√trials where fewer than ``SPARSE`` tasks changed
    or all did by the same.
    """
    sparse = np.count_nonzero(np.abs(rows) > ROUND_OFF, axis=1) < SPARSE
    sparse |= np.ptp(rows, axis=1) < ROUND_OFF
    n = rows.shape[1] + 2 * sparse
    squares = np.einsum("ij,ij->i", rows, rows) + np.where(sparse, 2 / trials, 0.0)
    spread = np.maximum(squares - rows.sum(axis=1) ** 2 / n, 0.0)
    errors: NDArray[np.float64] = np.sqrt(spread / (n - 1) / n)
    return errors
