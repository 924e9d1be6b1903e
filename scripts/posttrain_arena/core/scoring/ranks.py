"""Which differences between entries the data supports: rank sets, tests against the baseline, shrinkage, power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.scoring.analysis import alpha, settled
from posttrain_arena.core.scoring.grid import on_grid
from posttrain_arena.core.scoring.intervals import SPARSE
from posttrain_arena.core.scoring.paired import pair
from posttrain_arena.core.scoring.power import POWER, resolved_delta
from posttrain_arena.core.scoring.shrinkage import shrink
from posttrain_arena.core.scoring.significance import holm, holm_threshold, sign_flip, t_from_sums, t_p_values
from posttrain_arena.model.board import Power, Standing
from posttrain_arena.model.competition import AnalysisPlan
from posttrain_arena.model.evaluation import Evaluation

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


def judge(
    pairs: Mapping[str, tuple[Evaluation, Evaluation]], plan: AnalysisPlan | None = None
) -> tuple[dict[str, Standing], Power | None]:
    """Return the standing of every entry and the power of the set, under ``plan`` (competition.yaml's by default).

    ``pairs`` maps an entry to its evaluation and its baseline's, all on one suite.
    """
    if not pairs:
        return {}, None
    names, level = sorted(pairs), alpha(settled(plan))
    differences = [[task.difference for task in pair(*pairs[name])] for name in names]
    rows = np.array([[float(value) for value in row] for row in differences])
    trials = np.array([pairs[name][0].trials_per_task for name in names])
    deltas = rows.mean(axis=1)
    against_baseline = holm(t_p_values(rows).tolist())
    flipped = holm(sign_flip(np.array([on_grid(row).steps for row in differences])).tolist())
    ranks = rank_sets(rows, level=level)
    shrunken = shrink(deltas.tolist(), standard_errors(rows, trials).tolist())
    standings = {
        name: Standing(
            rank_low=int(ranks.low[index]),
            rank_high=int(ranks.high[index]),
            p_value=against_baseline[index],
            sign_flip_p_value=flipped[index],
            better=bool(against_baseline[index] < level and deltas[index] > 0),
            level_with_first=not ranks.behind_first[index],
            shrunken_delta=shrunken.deltas[index],
        )
        for index, name in enumerate(names)
    }
    return standings, _power(rows, trials, level)


def rank_sets(rows: NDArray[np.float64], *, level: float) -> RankSets:
    """Return [1 + rows significantly better, J - rows significantly worse] for each row of paired differences (J, n).

    Significant by the paired t of two rows, after Holm at ``level`` over all J(J - 1)/2 pairs.
    """
    size, n = rows.shape
    found = _pair_statistics(rows)
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


def _power(rows: NDArray[np.float64], trials: NDArray[np.int64], level: float) -> Power:
    """Return what is resolved with the median SE, against the baseline and (by Bonferroni) between two entries."""
    size, n = rows.shape
    between = [
        standard_errors(rows[index] - rows[index + 1 :], np.minimum(trials[index], trials[index + 1 :]))
        for index in range(size - 1)
    ]
    pairs = np.concatenate(between) if between else None
    return Power(
        baseline_delta=resolved_delta(float(np.median(standard_errors(rows, trials))), n - 1, alpha=level),
        pair_delta=None if pairs is None else resolved_delta(float(np.median(pairs)), n - 1, alpha=level / len(pairs)),
        power=POWER,
        level=level,
    )
