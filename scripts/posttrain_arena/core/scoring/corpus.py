"""The score of a corpus: several training seeds of an entry against the baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.scoring import intervals
from posttrain_arena.core.scoring.analysis import alpha, settled
from posttrain_arena.core.scoring.paired import aligned, task_rate
from posttrain_arena.core.scoring.power import resolved_delta
from posttrain_arena.core.scoring.score import score
from posttrain_arena.core.scoring.seeds import seed_variance
from posttrain_arena.core.scoring.significance import t_p_value
from posttrain_arena.errors import UsageError
from posttrain_arena.model.competition import AnalysisPlan
from posttrain_arena.model.documents import digest, to_document
from posttrain_arena.model.evaluation import Evaluation, TaskRewards
from posttrain_arena.model.score import Interval, Score, Seeds


def score_seeds(entry: Sequence[Evaluation], baseline: Sequence[Evaluation], plan: AnalysisPlan | None = None) -> Score:
    """Return the lift of one or more training seeds of an entry over those of the baseline.

    With one seed of the entry it speaks of *this checkpoint*, with more of *this corpus*: then the interval is
    Δ ± t·√V over tasks and seeds (``seeds.seed_variance``), and SE and t test go by V too; the small-set interval is
    the same with two pseudo-tasks ±1/√k that all seeds have alike, k being the trials of all seeds. Raises
    UsageError as ``score`` does, and where seeds of one side differ in their trials per task or are one checkpoint.
    """
    plan = settled(plan)
    value = score(pooled(entry, "the entry"), pooled(baseline, "the baseline"), plan)
    if len(entry) < 2:
        return value
    found = seed_variance(seed_rates(entry), seed_rates(baseline))
    error = math.sqrt(found.total)
    interval = intervals.t_interval(value.delta, error=error, degrees=found.degrees, level=plan.level)
    small_set = _small_set_interval(seed_rates(entry), seed_rates(baseline), k=value.k, level=plan.level)
    return replace(
        value,
        estimand="this corpus",
        interval=interval,
        se=error,
        t_interval=interval,
        t_p_value=t_p_value(value.delta, error=error, degrees=found.degrees),
        small_set_interval=small_set,
        small_set_method="pseudo-tasks",
        resolved_delta=resolved_delta(error, found.degrees, alpha=alpha(plan)),
        seeds=Seeds(
            entry=tuple(digest(to_document(one)) for one in entry),
            baseline=tuple(digest(to_document(one)) for one in baseline),
            variance_tasks=found.tasks,
            variance_entry_seeds=found.entry_seeds,
            variance_entry_residual=found.entry_residual,
            variance_baseline_seeds=found.baseline_seeds,
            variance_baseline_residual=found.baseline_residual,
            variance=found.total,
            degrees=found.degrees,
            task_interval=value.interval,
        ),
    )


def _small_set_interval(entry: NDArray[np.float64], baseline: NDArray[np.float64], *, k: int, level: float) -> Interval:
    """Return the interval over tasks and seeds of (m, n) and (m_b, n) mean rewards, after adding two pseudo-tasks."""
    step = 1 / math.sqrt(k)
    ours = np.hstack([entry, np.tile([step, -step], (len(entry), 1))])
    theirs = np.hstack([baseline, np.zeros((len(baseline), 2))])
    found = seed_variance(ours, theirs)
    centre = float((ours.mean(axis=0) - theirs.mean(axis=0)).mean())
    return intervals.t_interval(centre, error=math.sqrt(found.total), degrees=found.degrees, level=level)


def pooled(evaluations: Sequence[Evaluation], side: str) -> Evaluation:
    """Return the evaluations of several training seeds as one with all of their trials; one alone is left as it is."""
    first, *others = evaluations
    if not others:
        return first
    if len({one.checkpoint for one in evaluations}) < len(evaluations):
        raise UsageError(f"{side}: one checkpoint is given twice: a training seed counts once; give each seed once")
    for seed, other in enumerate(others, start=1):
        aligned(first, other, sides=(f"{side}'s first evaluation", f"{side}'s evaluation of seed {seed + 1}"))
        if other.trials_per_task != first.trials_per_task:
            raise UsageError(
                f"{side}: its seeds have {first.trials_per_task} and {other.trials_per_task} trials per task: "
                "evaluate every seed with the same number"
            )
    by_id = [{task.id: task for task in one.tasks} for one in evaluations]
    return replace(
        first,
        checkpoint=digest([one.checkpoint for one in evaluations]),
        trials_per_task=first.trials_per_task * len(evaluations),
        tasks=tuple(_joined([tasks[task.id] for tasks in by_id]) for task in first.tasks),
    )


def _joined(parts: Sequence[TaskRewards]) -> TaskRewards:
    k = len(parts[0].rewards)
    lost = [replace(trial, attempt=seed * k + trial.attempt) for seed, part in enumerate(parts) for trial in part.lost]
    return replace(parts[0], rewards=tuple(reward for part in parts for reward in part.rewards), lost=tuple(lost))


def seed_rates(evaluations: Sequence[Evaluation]) -> NDArray[np.float64]:
    """Return each seed's mean reward on each task, the tasks by id."""
    return np.array([[float(task_rate(task)) for task in sorted(one.tasks, key=_id)] for one in evaluations])


def _id(task: TaskRewards) -> str:
    return task.id
