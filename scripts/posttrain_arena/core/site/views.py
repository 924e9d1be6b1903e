"""What the board pages show, prepared from the board."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from posttrain_arena.core.site import charts
from posttrain_arena.core.site.text import clean
from posttrain_arena.model.board import Board, Row, Section
from posttrain_arena.model.score import Cell

TRACKS = {
    "environments": "Teams contribute environments; a fixed recipe post-trains a fixed base model on them.",
    "skills": "Teams contribute skills; one frozen agent runs the suite with them and without any.",
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
PAGE_ROWS = 200
"""Rows of one page: more are slow to load on a phone, and nobody reads them at once."""
MAX_COLUMNS = 9
"""Heat columns that fit; groups stand beside the domains only where all of them do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One heat column of a board: a group or a domain, by its full name and a short one; ``n`` tasks are in it."""

    name: str
    code: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row; ``cells`` follow the section's columns, None where a row lacks one. ``tier`` begins a new rank set."""

    row: Row
    whisker: charts.Whisker
    cells: tuple[Cell | None, ...]
    page: bool
    tier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One table of a board page: the part of the section's rows that is on this page, and what stands aside."""

    section: Section
    axis: charts.Axis
    groups: tuple[Column, ...]
    domains: tuple[Column, ...]
    rows: tuple[RowView, ...]
    aside: tuple[Row, ...]
    sealed: bool
    level_with_first: int
    part: int
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """One page of one track."""

    name: str
    track: str
    about: str
    number: int
    pages: tuple[str, ...]
    tables: tuple[SectionView, ...]


def track_page(track: str) -> str:
    """Return the file of a track's board; the first track is the front page."""
    return "index.html" if track == next(iter(TRACKS)) else f"{track}.html"


def board_pages(board: Board, with_page: Collection[str]) -> tuple[BoardPage, ...]:
    """Return every page of every track, also of those that nobody has entered yet.

    ``with_page`` are the runs that have a page of their own.
    """
    return tuple(page for track in TRACKS for page in _track_pages(track, board, with_page))


def code(domain: str) -> str:
    """Return a column head of at most four letters."""
    return CODES.get(domain, clean(domain, 40).replace("-", "")[:4].upper())


def competing(section: Section) -> tuple[Row, ...]:
    """Return the rows that are compared with each other: neither withdrawn nor flagged."""
    return tuple(row for row in section.rows if row.status in ("ranked", "exhibition"))


def _track_pages(track: str, board: Board, with_page: Collection[str]) -> list[BoardPage]:
    first = track_page(track)
    parts = [part for section in board.sections if section.track == track for part in _parts(section, with_page)]
    count = max((part.parts for part in parts), default=1)
    names = (first, *(f"{track}-{number}.html" for number in range(2, count + 1)))
    return [
        BoardPage(
            name=name,
            track=track,
            about=TRACKS[track],
            number=number,
            pages=names,
            tables=tuple(part for part in parts if part.part == number),
        )
        for number, name in enumerate(names, start=1)
    ]


def _parts(section: Section, with_page: Collection[str]) -> list[SectionView]:
    rows = competing(section)
    aside = tuple(row for row in section.rows if row not in rows)
    axis = charts.difference_axis(row.interval for row in rows)
    groups, domains = _columns([row.groups for row in rows]), _columns([row.domains for row in rows], coded=True)
    if len(groups) < 2 or len(groups) + len(domains) > MAX_COLUMNS:
        groups = ()
    views = [view for tier in _tiers(rows) for view in _tier(tier, axis, (groups, domains), with_page)]
    chunks = [views[start : start + PAGE_ROWS] for start in range(0, len(views), PAGE_ROWS)] or [[]]
    standings = [row.standing for row in rows if row.standing]
    return [
        SectionView(
            section=section,
            axis=axis,
            groups=groups,
            domains=domains,
            rows=tuple(chunk),
            aside=aside if number == 1 else (),
            sealed=not standings and any(row.status == "ranked" for row in rows),
            level_with_first=sum(standing.level_with_first for standing in standings) - 1,
            part=number,
            parts=len(chunks),
        )
        for number, chunk in enumerate(chunks, start=1)
    ]


def _columns(rows: Sequence[Sequence[Cell]], *, coded: bool = False) -> tuple[Column, ...]:
    found = {cell.name: cell.n for cells in rows for cell in cells}
    return tuple(
        Column(name=name, code=code(name) if coded else clean(name, 24), n=found[name]) for name in sorted(found)
    )


def _tiers(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows in runs of equal rank sets."""
    return [list(tier) for _, tier in groupby(rows, key=_rank_set)]


def _rank_set(row: Row) -> tuple[int, int] | None:
    return (row.standing.rank_low, row.standing.rank_high) if row.standing else None


def _tier(
    rows: Sequence[Row], axis: charts.Axis, columns: tuple[Sequence[Column], Sequence[Column]], pages: Collection[str]
) -> list[RowView]:
    groups, domains = columns
    return [
        RowView(
            row=row,
            whisker=charts.whisker(axis, row.delta, row.interval),
            cells=(*_aligned(row.groups, groups), *_aligned(row.domains, domains)),
            page=row.run in pages,
            tier=place == 0,
        )
        for place, row in enumerate(rows)
    ]


def _aligned(cells: Sequence[Cell], columns: Sequence[Column]) -> tuple[Cell | None, ...]:
    by_name = {cell.name: cell for cell in cells}
    return tuple(by_name.get(column.name) for column in columns)
