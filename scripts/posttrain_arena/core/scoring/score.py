"""The score of one evaluation against the baseline."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from posttrain_arena.core.scoring import intervals
from posttrain_arena.core.scoring.analysis import alpha, analysis_digest, settled
from posttrain_arena.core.scoring.paired import PairedTask, check, mean, pair, task_rate
from posttrain_arena.core.scoring.power import resolved_delta
from posttrain_arena.core.scoring.significance import sign_flip, t_p_values
from posttrain_arena.errors import UsageError
from posttrain_arena.model.competition import AnalysisPlan
from posttrain_arena.model.documents import digest, to_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import StageRate
from posttrain_arena.model.score import Cell, Interval, Lost, Score

SmallSet = Callable[[Sequence[float]], Interval]


def score(entry: Evaluation, baseline: Evaluation, plan: AnalysisPlan | None = None) -> Score:
    """Return the lift of ``entry`` over ``baseline`` under ``plan`` (competition.yaml's by default).

    Raises UsageError where the two cannot be paired (see ``paired.pair``), and for a suite of one task, which has
    no interval.
    """
    tasks = pair(entry, baseline)
    if len(tasks) < 2:
        raise UsageError(f"the suite {entry.suite!r} holds one task: an interval over tasks needs at least two")
    plan = settled(plan)
    differences = [task.difference for task in tasks]
    floats, n = [float(value) for value in differences], len(tasks)
    k, k_b = entry.trials_per_task, baseline.trials_per_task
    small_set: SmallSet = functools.partial(intervals.small_set, k=k, k_b=k_b, level=plan.level)
    headline, found = intervals.bootstrap(differences, level=plan.level)
    error, changed = intervals.standard_error(floats), sum(value != 0 for value in differences)
    return Score(
        analysis=plan,
        analysis_digest=analysis_digest(plan),
        suite=entry.suite,
        suite_digest=entry.suite_digest,
        entry_evaluation=digest(to_document(entry)),
        baseline_evaluation=digest(to_document(baseline)),
        n=n,
        k=k,
        k_b=k_b,
        delta=float(mean(differences)),
        macro=float(_macro(tasks)),
        interval=headline,
        tail_level=intervals.tail_level(n, level=plan.level),
        se=error,
        t_interval=intervals.student(floats, level=plan.level),
        t_p_value=float(t_p_values(np.array([floats]))[0]),
        sign_flip_p_value=float(sign_flip(found.row)[0]),
        small_set_interval=small_set(floats),
        small_set_method=intervals.small_set_method(floats, k=k, k_b=k_b),
        changed_tasks=changed,
        sparse=n <= intervals.SMALL or changed < intervals.SPARSE,
        resolved_delta=resolved_delta(error, n - 1, alpha=alpha(plan)),
        grid=found.grid,
        exact=found.exact,
        entry_rate=float(mean([task.entry for task in tasks])),
        baseline_rate=float(mean([task.baseline for task in tasks])),
        lost=_lost(entry, baseline, tasks),
        domains=_cells(tasks, lambda task: task.domain, small_set),
        groups=_cells(tasks, lambda task: task.group, small_set),
    )


def stage_rates(evaluations: Sequence[Evaluation], plan: AnalysisPlan | None = None) -> tuple[StageRate, ...]:
    """Return the mean reward of each stage, on the whole suite first and then on each group by name."""
    level = settled(plan).level
    return tuple(row for evaluation in evaluations for row in _stage_rows(evaluation, level))


def _stage_rows(evaluation: Evaluation, level: float) -> list[StageRate]:
    tasks = check(evaluation, f"the evaluation of stage {evaluation.stage!r}").values()
    groups: list[str | None] = [None, *sorted({task.group for task in tasks})]
    rows = []
    for group in groups:
        rates = [task_rate(task) for task in tasks if group in (None, task.group)]
        interval = intervals.small_set_rate([float(rate) for rate in rates], evaluation.trials_per_task, level=level)
        rate = float(mean(rates))
        rows.append(StageRate(stage=evaluation.stage, group=group, n=len(rates), rate=rate, interval=interval))
    return rows


def _cells(tasks: Sequence[PairedTask], key: Callable[[PairedTask], str], small_set: SmallSet) -> tuple[Cell, ...]:
    cells = []
    for name in sorted({key(task) for task in tasks}):
        part = [task for task in tasks if key(task) == name]
        differences = [task.difference for task in part]
        cells.append(
            Cell(
                name=name,
                n=len(part),
                delta=float(mean(differences)),
                interval=small_set([float(value) for value in differences]) if len(part) > 1 else None,
                entry_rate=float(mean([task.entry for task in part])),
                baseline_rate=float(mean([task.baseline for task in part])),
            )
        )
    return tuple(cells)


def _macro(tasks: Sequence[PairedTask]) -> Fraction:
    """Return the mean over the domains of their mean differences."""
    domains = sorted({task.domain for task in tasks})
    return mean([mean([task.difference for task in tasks if task.domain == domain]) for domain in domains])


def _lost(entry: Evaluation, baseline: Evaluation, tasks: Sequence[PairedTask]) -> Lost:
    ours, theirs = (sum(len(task.lost) for task in side.tasks) for side in (entry, baseline))
    trials = [len(side.tasks) * side.trials_per_task for side in (entry, baseline)]
    return Lost(
        entry=ours,
        baseline=theirs,
        share=max(ours / trials[0], theirs / trials[1]),
        delta_low=float(mean([task.entry - task.baseline_if_passed for task in tasks])),
        delta_high=float(mean([task.entry_if_passed - task.baseline for task in tasks])),
    )
