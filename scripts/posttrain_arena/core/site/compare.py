"""Two entries side by side, paired task by task; for the pairs that a reader of the board asks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posttrain_arena.core.site import charts
from posttrain_arena.core.site.entry import CellView, StripView, TaskView, cell_views, scored, strip_view, task_views
from posttrain_arena.core.site.source import Source
from posttrain_arena.core.site.views import competing
from posttrain_arena.model.board import Row, Section
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.score import Score

ALL_PAIRS = 16
"""The first so many rows are compared each with each: 120 pages, 2 MB. All pairs of 200 rows would be 19900 pages."""
ROWS = 50
"""Rows that are compared at all; whoever wants another pair has the two evaluations and the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two entries."""

    row: Row
    run: LeaderboardRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two entries of a section; ``score`` is that of the first against the second."""

    first: Side
    second: Side
    score: Score

    @property
    def page(self) -> str:
        """Return the file of this pair."""
        return pair_page(self.first.row.run, self.second.row.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """What the page of one pair shows.

    ``overlap`` says whether their rank sets share a rank; None where one of them holds no rank.
    """

    first: Side
    second: Side
    score: Score
    overlap: bool | None
    axis: charts.Axis
    headline: charts.Whisker
    cells: tuple[CellView, ...]
    tasks: tuple[TaskView, ...]
    strips: tuple[StripView, ...]
    ahead: int
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPairs:
    """The pairs of one section; ``corner`` are the rows that the matrix has, in the board's order."""

    section: Section
    pairs: tuple[Pair, ...]
    corner: tuple[Row, ...]
    scores: Mapping[tuple[str, str], Score]

    @property
    def rest(self) -> tuple[Pair, ...]:
        """Return the pairs that the matrix does not have."""
        named = {row.run for row in self.corner}
        return tuple(pair for pair in self.pairs if not {pair.first.row.run, pair.second.row.run} <= named)


def pair_page(first: str, second: str) -> str:
    """Return the file of a pair of runs, whose order is that of the board."""
    return f"compare/{first}--{second}.html"


def section_pairs(source: Source) -> tuple[SectionPairs, ...]:
    """Return every section with at least two rows that can be compared."""
    runs = {run.id: run for run in source.runs if isinstance(run, LeaderboardRun)}
    found = (_section(section, source, runs) for section in source.board.sections)
    return tuple(pairs for pairs in found if pairs.pairs)


def _section(section: Section, source: Source, runs: Mapping[str, LeaderboardRun]) -> SectionPairs:
    rows = [row for row in competing(section) if row.run in runs][:ROWS]
    sides = [Side(row=row, run=runs[row.run]) for row in rows]
    wanted = [(sides[a], sides[b]) for a, b in _wanted(len(sides))]
    compared = source.compare((scored(first.run), scored(second.run)) for first, second in wanted)
    pairs = tuple(
        Pair(first=first, second=second, score=score) for (first, second), score in zip(wanted, compared, strict=True)
    )
    scores = {(pair.first.row.run, pair.second.row.run): pair.score for pair in pairs}
    return SectionPairs(section=section, pairs=pairs, corner=tuple(rows[:ALL_PAIRS]), scores=scores)


def _wanted(size: int) -> list[tuple[int, int]]:
    """Return all pairs of the first rows, and of every other row those with the one above it and with the first."""
    corner = min(size, ALL_PAIRS)
    pairs = {(a, b) for a in range(corner) for b in range(a + 1, corner)}
    pairs |= {(a, b) for b in range(corner, size) for a in (0, b - 1)}
    return sorted(pairs)


def pair_view(pair: Pair) -> PairView:
    """Return what the page of ``pair`` shows."""
    first, second, score = pair.first, pair.second, pair.score
    axis, cells = cell_views(score)
    tasks = task_views(scored(first.run), scored(second.run))
    return PairView(
        first=first,
        second=second,
        score=score,
        overlap=_overlap(first.row, second.row),
        axis=axis,
        headline=charts.whisker(axis, score.delta, score.told),
        cells=cells,
        tasks=tasks,
        strips=tuple(strip_view(cell.name, tasks) for cell in score.groups),
        ahead=sum(task.difference > 0 for task in tasks),
        behind=sum(task.difference < 0 for task in tasks),
    )


def _overlap(first: Row, second: Row) -> bool | None:
    if first.standing is None or second.standing is None:
        return None
    return first.standing.rank_high >= second.standing.rank_low


def by_run(found: Sequence[SectionPairs]) -> dict[str, list[Pair]]:
    """Return the pairs that each run is in."""
    pairs: dict[str, list[Pair]] = {}
    for pair in (pair for section in found for pair in section.pairs):
        for side in (pair.first, pair.second):
            pairs.setdefault(side.row.run, []).append(pair)
    return pairs
