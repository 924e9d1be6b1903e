"""The board as data: JSON by entry and by day, and a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from posttrain_arena.core.site.source import Source
from posttrain_arena.core.site.text import clean
from posttrain_arena.model.board import Board, ChangeRow, Row, Section
from posttrain_arena.model.documents import Document, encode, to_document
from posttrain_arena.model.entry_record import EntryRecord
from posttrain_arena.model.history import Attempt, Day, DayChange, History
from posttrain_arena.model.sealed_run import Published

FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the start of a formula."""
COLUMNS = (
    *("track", "suite", "run", "entry", "team", "title", "status", "rank_low", "rank_high"),
    *("delta", "low", "high", "se", "macro", "p_value", "better", "entry_rate", "baseline_rate"),
    *("n", "k", "k_b", "attempt", "attempts", "seed", "recipe", "gpu_hours", "cost_usd", "wall_sec", "checkpoint"),
)


def csv_table(source: Source) -> bytes:
    """Return every row of every section, with RFC 4180's line ends; text can be opened in a spreadsheet safely."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for section in source.board.sections:
        for row in section.rows:
            writer.writerow(plain(value) for value in _cells(section, row))
    return file.getvalue().encode()


def entry_documents(source: Source) -> Iterator[tuple[str, bytes]]:
    """Yield one document per entry: its rows, its changes, its attempts."""
    runs: dict[str, list[Published]] = {}
    for run in source.runs:
        runs.setdefault(run.entry.name, []).append(run)
    for name, board in _boards(source.board).items():
        days = _days(runs.get(name, ()), (), source)
        record = EntryRecord(entry=name, board=board, history=History(days=days))
        yield f"api/v1/entries/{name}.json", encode(to_document(record))


def history(source: Source) -> Iterator[tuple[str, bytes]]:
    """Yield the whole history, and a file for every day that is known."""
    days = _days(source.runs, source.board.changes, source)
    yield "api/v1/history.json", encode(to_document(History(days=days)))
    for day in days:
        if day.day is not None:
            yield f"api/v1/history/{day.day}.json", encode(to_document(History(days=(day,))))


def compact(value: Document) -> bytes:
    """Return a document as JSON without blanks, for files that programs read and that are many."""
    doc = msgspec.to_builtins(value)
    text = json.dumps(doc, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def _boards(board: Board) -> dict[str, Board]:
    """Return the board once for every entry, with nothing of the others."""
    sections: dict[str, list[Section]] = {}
    for section in board.sections:
        rows: dict[str, list[Row]] = {}
        for row in section.rows:
            rows.setdefault(row.entry.name, []).append(row)
        for name, own in rows.items():
            sections.setdefault(name, []).append(replace(section, rows=tuple(own)))
    return {
        name: replace(
            board,
            digest="",
            sections=tuple(found),
            changes=tuple(change for change in board.changes if change.entry == name),
        )
        for name, found in sorted(sections.items())
    }


def _days(runs: Iterable[Published], changes: Iterable[ChangeRow], source: Source) -> tuple[Day, ...]:
    """Return the days in order, those runs first of which nobody knows the day."""
    published: dict[str, list[Attempt]] = {}
    for run in sorted(runs, key=lambda run: run.id):
        published.setdefault(source.days.get(run.id, ""), []).append(_attempt(run))
    changed: dict[str, list[DayChange]] = {}
    for change in changes:
        words = DayChange(kind=change.kind, entry=change.entry, reason=change.reason)
        changed.setdefault(change.date, []).append(words)
    return tuple(
        Day(day=day or None, runs=tuple(published.get(day, ())), changes=tuple(changed.get(day, ())))
        for day in sorted(published.keys() | changed.keys())
    )


def _attempt(run: Published) -> Attempt:
    return Attempt(
        run=run.id,
        entry=run.entry.name,
        track=run.entry.track,
        suite=run.suite,
        attempt=run.attempt,
        seed=run.seed,
        status=run.status,
        reason=run.reason,
        delta=run.score.delta,
        interval=run.score.told,
        n=run.score.n,
        k=run.score.k,
        lost=run.score.lost.entry,
    )


def _cells(section: Section, row: Row) -> Sequence[object]:
    standing = row.standing
    return (
        *(section.track, section.suite.name, row.run, row.entry.name, row.entry.team, row.entry.title, row.status),
        *((standing.rank_low, standing.rank_high) if standing else (None, None)),
        *(row.delta, row.interval.low, row.interval.high, row.se, row.macro),
        *((standing.p_value, standing.better) if standing else (None, None)),
        *(row.entry_rate, row.baseline_rate, row.n, row.k, row.k_b, row.attempt, row.attempts, row.seed, row.recipe),
        *(row.gpu_hours, row.cost_usd, row.wall_sec, row.checkpoint),
    )


def plain(value: object) -> object:
    """Return text on one line that no spreadsheet takes for a formula; anything else as it is."""
    if not isinstance(value, str):
        return value
    text = clean(value, 200)
    return f"'{text}" if text.startswith(FORMULA) else text
