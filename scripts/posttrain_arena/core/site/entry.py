"""What the page of one run shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from posttrain_arena.core.site import charts
from posttrain_arena.core.site.text import clean, percent, points
from posttrain_arena.core.site.training import StageCurves, stage_curves
from posttrain_arena.model.board import ChangeRow, Row
from posttrain_arena.model.evaluation import Evaluation, TaskRewards
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.score import Cell, Score, Seeds
from posttrain_arena.model.sealed_run import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task of a run: both sides' mean rewards and their difference."""

    id: str
    domain: str
    group: str
    baseline: float
    entry: float
    difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StripView:
    """The tasks of one group, largest gain first."""

    group: str
    bars: tuple[charts.Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """One group or domain of a run with its whisker."""

    kind: str
    cell: Cell
    whisker: charts.Whisker


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """One source of variance: its own standard error and its share of the whole, which may count as a deduction."""

    name: str
    se: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The variance of the lift by source; ``degrees`` is None where it is that of one training seed."""

    parts: tuple[SplitPart, ...]
    se: float
    degrees: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run's page. ``row`` is its row on the board where it stands for its entry or is one of its seeds, or aside.

    ``tasks`` and ``strips`` are empty before the suite is revealed.
    """

    run: Published
    row: Row | None
    attempts: tuple[Published, ...]
    changes: tuple[ChangeRow, ...]
    axis: charts.Axis
    headline: charts.Whisker
    cells: tuple[CellView, ...]
    stages: tuple[str, ...]
    stage_lines: tuple[charts.StageLine, ...]
    strips: tuple[StripView, ...]
    tasks: tuple[TaskView, ...]
    training: tuple[StageCurves, ...]
    split: Split | None


def run_view(
    run: Published, *, row: Row | None, attempts: Sequence[Published], changes: Sequence[ChangeRow]
) -> RunView:
    """Return what the page of ``run`` shows.

    ``row`` is its row on the board, ``attempts`` are all runs of its entry on its suite, ``changes`` the board's.
    """
    score = run.score
    axis, cells = cell_views(score)
    stages = tuple(evaluation.stage for evaluation in run.evaluations)
    tasks = task_views(scored(run), run.baseline) if isinstance(run, LeaderboardRun) else ()
    named = {other.id for other in attempts}
    return RunView(
        run=run,
        row=row,
        attempts=tuple(sorted(attempts, key=lambda other: (other.attempt, other.id))),
        changes=tuple(change for change in changes if change.before and change.before.run in named),
        axis=axis,
        headline=charts.whisker(axis, score.delta, score.told),
        cells=cells,
        stages=stages,
        stage_lines=charts.stage_lines(run.stages, stages),
        strips=tuple(strip_view(cell.name, tasks) for cell in score.groups if tasks),
        tasks=tasks,
        training=stage_curves(run),
        split=_split(run, row),
    )


def cell_views(score: Score) -> tuple[charts.Axis, tuple[CellView, ...]]:
    """Return the parts of a score on one axis, which holds the headline interval too; a single group is no part."""
    groups = score.groups if len(score.groups) > 1 else ()
    cells = [*(("group", cell) for cell in groups), *(("domain", cell) for cell in score.domains)]
    axis = charts.difference_axis([score.told, *(cell.interval for _, cell in cells)])
    views = (
        CellView(kind=kind, cell=cell, whisker=charts.whisker(axis, cell.delta, cell.interval)) for kind, cell in cells
    )
    return axis, tuple(views)


def scored(run: LeaderboardRun) -> Evaluation:
    """Return the evaluation of the scored stage."""
    return next(evaluation for evaluation in run.evaluations if evaluation.stage == run.scored_stage)


def task_views(entry: Evaluation, baseline: Evaluation) -> tuple[TaskView, ...]:
    """Return every task with both sides, by group, largest gain first."""
    theirs = {task.id: task for task in baseline.tasks}
    views = [_task(task, theirs[task.id]) for task in entry.tasks]
    return tuple(sorted(views, key=lambda task: (task.group, -task.difference, task.id)))


def strip_view(group: str, tasks: Sequence[TaskView]) -> StripView:
    """Return the bars of one group's tasks."""
    part = [task for task in tasks if task.group == group]
    labels = [
        f"{clean(task.id, 40)}: {percent(task.baseline)} % to {percent(task.entry)} %, {points(task.difference)} pp"
        for task in part
    ]
    return StripView(group=group, bars=charts.strip(list(zip(labels, (t.difference for t in part), strict=True))))


def _split(run: Published, row: Row | None) -> Split | None:
    """Return the variance of the corpus by source where the row has several seeds, else that of the run."""
    if row is not None and row.corpus is not None:
        return _corpus_split(row.corpus, row.se)
    if run.score.se == 0 or not isinstance(run, LeaderboardRun):
        return None
    noise = min(1.0, (_trial_variance(scored(run)) + _trial_variance(run.baseline)) / run.score.se**2)
    found = {"Which tasks are asked": 1 - noise, "Trials of one task differ": noise}
    return Split(parts=_parts(found, run.score.se), se=run.score.se, degrees=None)


def _corpus_split(seeds: Seeds, error: float) -> Split | None:
    if error == 0:
        return None
    parts = {
        "Tasks": seeds.variance_tasks,
        "Training seeds of the entry": seeds.variance_entry_seeds,
        "Training seeds of the baseline": seeds.variance_baseline_seeds,
        "Tasks by seeds, counted twice above": -(seeds.variance_entry_residual + seeds.variance_baseline_residual),
    }
    found = {name: variance / error**2 for name, variance in parts.items() if variance}
    return Split(parts=_parts(found, error), se=error, degrees=seeds.degrees)


def _parts(shares: Mapping[str, float], error: float) -> tuple[SplitPart, ...]:
    return tuple(SplitPart(name=name, se=error * math.sqrt(abs(share)), share=share) for name, share in shares.items())


def _trial_variance(evaluation: Evaluation) -> float:
    """Return what the chance of single trials adds to the variance of the mean over tasks; 0 with one trial each."""
    k, n = evaluation.trials_per_task, len(evaluation.tasks)
    if k < 2:
        return 0.0
    within = np.var([task.rewards for task in evaluation.tasks], axis=1, ddof=1)
    return float(within.sum()) / k / n**2


def _task(ours: TaskRewards, theirs: TaskRewards) -> TaskView:
    entry, baseline = (sum(side.rewards) / len(side.rewards) for side in (ours, theirs))
    return TaskView(
        id=ours.id,
        domain=ours.domain,
        group=ours.group,
        baseline=baseline,
        entry=entry,
        difference=entry - baseline,
    )
