"""What each page shows, prepared from the board and the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from posttrain_arena.core.site import charts
from posttrain_arena.core.site.text import clean, percent, points
from posttrain_arena.core.site.training import StageCurves, stage_curves
from posttrain_arena.model.board import Board, Row, Section
from posttrain_arena.model.evaluation import Evaluation, TaskRewards
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.score import Cell

TRACKS = {
    "environments": "Teams contribute environments; a fixed recipe post-trains a fixed base model on them.",
    "skills": "Teams contribute skills; the base model stays as it is and is given them.",
    "agents": "Teams contribute agents that post-train a model themselves within a time budget.",
}
CODES = {
    "sciences": "SCI",
    "industrial-energy-operations": "IND",
    "cybersecurity": "SEC",
    "finance-economics": "FIN",
    "office-knowledge-work": "OFF",
    "media-multimodal-content": "MED",
    "ai-ml-agentic-systems": "AIS",
    "software-engineering": "SWE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One heat column of a board: a group or a domain, by its full name and a short one."""

    name: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row of a board; ``groups`` and ``domains`` follow the section's columns, None where a row lacks one."""

    row: Row
    whisker: charts.Whisker
    groups: tuple[Cell | None, ...]
    domains: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One table of the board page."""

    section: Section
    axis: charts.Axis
    groups: tuple[Column, ...]
    domains: tuple[Column, ...]
    rows: tuple[RowView, ...]
    ranked: int
    level_with_first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackView:
    """One track of the board page, with or without sections."""

    name: str
    about: str
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task of a run: both sides' rewards and their difference."""

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
class RunView:
    """One run's page. ``row`` is its row on the board where it stands for its entry."""

    run: LeaderboardRun
    row: Row | None
    attempts: tuple[LeaderboardRun, ...]
    axis: charts.Axis
    headline: charts.Whisker
    cells: tuple[CellView, ...]
    stages: tuple[str, ...]
    stage_lines: tuple[charts.StageLine, ...]
    strips: tuple[StripView, ...]
    tasks: tuple[TaskView, ...]
    training: tuple[StageCurves, ...]


def track_views(board: Board) -> tuple[TrackView, ...]:
    """Return every track, also those that nobody has entered yet."""
    return tuple(
        TrackView(
            name=name,
            about=about,
            sections=tuple(_section_view(section) for section in board.sections if section.track == name),
        )
        for name, about in TRACKS.items()
    )


def run_view(run: LeaderboardRun, board: Board, runs: Sequence[LeaderboardRun]) -> RunView:
    """Return what the page of ``run`` shows."""
    score = run.score
    cells = [*(("group", cell) for cell in score.groups), *(("domain", cell) for cell in score.domains)]
    axis = charts.difference_axis([score.interval, *(cell.interval for _, cell in cells)])
    stages = tuple(evaluation.stage for evaluation in run.evaluations)
    tasks = _tasks(run)
    attempts = [other for other in runs if _board_key(other) == _board_key(run)]
    return RunView(
        run=run,
        row=next((row for section in board.sections for row in section.rows if row.run == run.id), None),
        attempts=tuple(sorted(attempts, key=lambda other: (other.attempt, other.id))),
        axis=axis,
        headline=charts.whisker(axis, score.delta, score.interval),
        cells=tuple(
            CellView(kind=kind, cell=cell, whisker=charts.whisker(axis, cell.delta, cell.interval))
            for kind, cell in cells
        ),
        stages=stages,
        stage_lines=charts.stage_lines(run.stages, stages),
        strips=tuple(_strip(cell.name, tasks) for cell in score.groups),
        tasks=tasks,
        training=stage_curves(run),
    )


def scored(run: LeaderboardRun) -> Evaluation:
    """Return the evaluation of the scored stage."""
    return next(evaluation for evaluation in run.evaluations if evaluation.stage == run.scored_stage)


def code(domain: str) -> str:
    """Return a column head of at most four letters."""
    return CODES.get(domain, clean(domain, 40).replace("-", "")[:4].upper())


def _board_key(run: LeaderboardRun) -> tuple[str, str, str]:
    return run.entry.name, run.entry.track, run.suite.digest


def _section_view(section: Section) -> SectionView:
    axis = charts.difference_axis(row.interval for row in section.rows)
    groups = sorted({cell.name for row in section.rows for cell in row.groups})
    domains = sorted({cell.name for row in section.rows for cell in row.domains})
    standings = [row.standing for row in section.rows if row.standing]
    return SectionView(
        section=section,
        axis=axis,
        groups=tuple(Column(name=name, code=clean(name, 24)) for name in groups),
        domains=tuple(Column(name=name, code=code(name)) for name in domains),
        rows=tuple(
            RowView(
                row=row,
                whisker=charts.whisker(axis, row.delta, row.interval),
                groups=_aligned(row.groups, groups),
                domains=_aligned(row.domains, domains),
            )
            for row in section.rows
        ),
        ranked=len(standings),
        level_with_first=sum(standing.level_with_first for standing in standings) - 1,
    )


def _aligned(cells: Sequence[Cell], names: Sequence[str]) -> tuple[Cell | None, ...]:
    by_name = {cell.name: cell for cell in cells}
    return tuple(by_name.get(name) for name in names)


def _tasks(run: LeaderboardRun) -> tuple[TaskView, ...]:
    baseline = {task.id: task for task in run.baseline.tasks}
    views = [_task(task, baseline[task.id]) for task in scored(run).tasks]
    return tuple(sorted(views, key=lambda task: (task.group, -task.difference, task.id)))


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


def _strip(group: str, tasks: Sequence[TaskView]) -> StripView:
    part = [task for task in tasks if task.group == group]
    labels = [
        f"{clean(task.id, 40)}: {percent(task.baseline)} % to {percent(task.entry)} %, {points(task.difference)} pp"
        for task in part
    ]
    return StripView(group=group, bars=charts.strip(list(zip(labels, (t.difference for t in part), strict=True))))
