"""What the tests say about the entries of a board: standings, the scores of corpora, power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.scoring.analysis import alpha, settled
from posttrain_arena.core.scoring.corpus import pooled, score_seeds, seed_rates
from posttrain_arena.core.scoring.grid import on_grid
from posttrain_arena.core.scoring.paired import pair
from posttrain_arena.core.scoring.power import POWER, resolved_delta
from posttrain_arena.core.scoring.ranks import rank_sets, standard_errors
from posttrain_arena.core.scoring.shrinkage import shrink
from posttrain_arena.core.scoring.significance import holm, sign_flip, t_p_values
from posttrain_arena.model.board import Judgement, Power, Standing
from posttrain_arena.model.competition import AnalysisPlan
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.score import Score

Pairs = Mapping[str, tuple[Sequence[Evaluation], Evaluation]]
"""Entry to the evaluations of its training seeds, one or more, and the baseline's; all on one suite."""


def judge(pairs: Pairs, plan: AnalysisPlan | None = None) -> Judgement:
    """Return what the tests say about every entry, under ``plan`` (competition.yaml's by default).

    Where an entry has several seeds, its tests hold their noise, also those against other entries.
    """
    if not pairs:
        return Judgement(standings={}, corpora={}, power=None)
    plan, names = settled(plan), sorted(pairs)
    level, sides = alpha(plan), [(pooled(pairs[name][0], name), pairs[name][1]) for name in names]
    differences = [[task.difference for task in pair(*side)] for side in sides]
    rows = np.array([[float(value) for value in row] for row in differences])
    trials = np.array([entry.trials_per_task for entry, _ in sides])
    corpora = {name: score_seeds(seeds, [base], plan) for name, (seeds, base) in pairs.items() if len(seeds) > 1}
    seeds = {at: _lifts(*pairs[name]) for at, name in enumerate(names) if name in corpora}
    against_baseline = holm([corpora[name].t_p_value if name in corpora else p for name, p in _p_values(names, rows)])
    flipped = holm(sign_flip(np.array([on_grid(row).steps for row in differences])).tolist())
    ranks = rank_sets(rows, seeds, level=level)
    shrunken = shrink(rows.mean(axis=1).tolist(), _errors(names, rows, trials, corpora))
    standings = {
        name: Standing(
            rank_low=int(ranks.low[index]),
            rank_high=int(ranks.high[index]),
            p_value=against_baseline[index],
            sign_flip_p_value=flipped[index],
            better=bool(against_baseline[index] < level and rows[index].mean() > 0),
            level_with_first=not ranks.behind_first[index],
            shrunken_delta=shrunken.deltas[index],
        )
        for index, name in enumerate(names)
    }
    return Judgement(standings=standings, corpora=corpora, power=_power(rows, trials, level))


def _lifts(entry: Sequence[Evaluation], baseline: Evaluation) -> NDArray[np.float64]:
    """Return the lift of each seed on each task, the tasks by id."""
    return seed_rates(entry) - seed_rates([baseline])


def _p_values(names: Sequence[str], rows: NDArray[np.float64]) -> list[tuple[str, float]]:
    return list(zip(names, t_p_values(rows).tolist(), strict=True))


def _errors(
    names: Sequence[str], rows: NDArray[np.float64], trials: NDArray[np.int64], corpora: Mapping[str, Score]
) -> list[float]:
    """Return the standard error of each lift, with the noise of seeds where there are several, and never zero."""
    over_tasks = standard_errors(rows, trials).tolist()
    return [
        max(error, corpora[name].se) if name in corpora else error
        for name, error in zip(names, over_tasks, strict=True)
    ]


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
