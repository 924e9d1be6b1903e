"""The board as files: in full, by schema, and what the pages show."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest
from page_reader import PageReader
from site_fields import built_site, field, rendered, some_changes, source

from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.core.site.badges import badge
from posttrain_arena.core.site.text import points
from posttrain_arena.model.board import Board
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import encode, from_document, to_document
from posttrain_arena.model.entry_record import EntryRecord
from posttrain_arena.model.history import History

FIELD = field(5, tasks=24)
CHANGES = some_changes(FIELD)
SITE = built_site(FIELD, changes=CHANGES)
BOARD = build_board(FIELD, judge=judge, changes=CHANGES)


def test_board_is_published_in_full_precision() -> None:
    assert SITE["api/v1/leaderboard.json"] == encode(to_document(BOARD))
    assert from_document(Board, json.loads(SITE["api/v1/leaderboard.json"]), where="site") == BOARD


def test_rows_of_the_page_are_the_rows_of_the_data() -> None:
    page = PageReader(SITE["index.html"])
    linked = dict.fromkeys(link.partition("#")[0] for link in page.values("href") if link.startswith("runs/"))
    assert list(linked) == [f"runs/{row.run}.html" for row in BOARD.sections[0].rows]


def test_table_has_the_numbers_of_the_board() -> None:
    rows = list(csv.DictReader(io.StringIO(SITE["api/v1/leaderboard.csv"].decode(), newline="")))
    assert SITE["api/v1/leaderboard.csv"].endswith(b"\r\n")
    for row, ours in zip(rows, BOARD.sections[0].rows, strict=True):
        assert (row["run"], row["status"], row["entry"]) == (ours.run, ours.status, ours.entry.name)
        assert [float(row[name]) for name in ("delta", "low", "high")] == [
            ours.delta,
            ours.interval.low,
            ours.interval.high,
        ]
        assert row["rank_low"] == ("" if ours.standing is None else str(ours.standing.rank_low))


def test_an_entry_as_data_has_its_rows_attempts_and_changes_and_nobody_elses() -> None:
    first = FIELD[0]
    second = replace(first, id=f"{first.entry.name}-000000000000", attempt=2)
    site = built_site([*FIELD, second], changes=CHANGES)
    for entry in {run.entry.name for run in FIELD}:
        record = from_document(EntryRecord, json.loads(site[f"api/v1/entries/{entry}.json"]), where=entry)
        assert {row.entry.name for section in record.board.sections for row in section.rows} == {entry}
        assert {run.entry for day in record.history.days for run in day.runs} == {entry}
        assert {change.entry for change in record.board.changes} <= {entry}
    record = from_document(EntryRecord, json.loads(site[f"api/v1/entries/{first.entry.name}.json"]), where="x")
    assert sorted(run.attempt for day in record.history.days for run in day.runs) == [1, 2]
    assert "rewards" not in site[f"api/v1/entries/{first.entry.name}.json"].decode()


def test_history_is_dated_and_every_day_has_a_file() -> None:
    history = from_document(History, json.loads(SITE["api/v1/history.json"]), where="history")
    days = [day.day for day in history.days]
    assert days == sorted(str(day) for day in days)
    assert {run.run for day in history.days for run in day.runs} == {run.id for run in FIELD}
    assert sum(len(day.changes) for day in history.days) == len(CHANGES)
    for day in history.days:
        alone = from_document(History, json.loads(SITE[f"api/v1/history/{day.day}.json"]), where="day")
        assert alone.days == (day,)


def test_runs_without_a_day_are_in_the_history_and_not_in_the_feed() -> None:
    site = built_site(FIELD, days={})
    (day,) = json.loads(site["api/v1/history.json"])["days"]
    assert (day["day"], len(day["runs"])) == (None, len(FIELD))
    assert b"<entry>" not in site["feed.xml"]


def test_a_correction_shows_before_after_and_reason() -> None:
    old = FIELD[0]
    new = replace(FIELD[1], id=f"{old.entry.name}-000000000000", entry=old.entry, attempt=2)
    change = Change(date="2026-11-20", kind="correction", run=old.id, by=new.id, reason="Two trials were run again.")
    site = built_site([old, new, *FIELD[2:]], changes=(change,))
    page = PageReader(site["changes.html"])
    for told in ("Two trials were run again.", "2026-11-20", points(old.score.delta), points(new.score.delta)):
        assert told in page.words
    assert {f"runs/{old.id}.html", f"runs/{new.id}.html"} <= set(page.values("href"))
    (row,) = json.loads(site["api/v1/leaderboard.json"])["changes"]
    assert (row["before"]["delta"], row["after"]["delta"]) == (old.score.delta, new.score.delta)
    assert b"Correction: " in site["feed.xml"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    board = replace(BOARD, sections=(replace(BOARD.sections[0], rows=(replace(BOARD.sections[0].rows[0], se=value),)),))
    with pytest.raises(ValueError, match="Out of range float"):
        rendered(replace(source(FIELD), board=board))


def test_badge_says_what_the_row_says() -> None:
    for row in BOARD.sections[0].rows:
        shown = badge(row)
        assert json.loads(SITE[f"badges/{row.entry.name}.json"])["message"] == shown.message
        assert (row.status in shown.message) is (row.status != "ranked")
        assert shown.message.encode() in SITE[f"badges/{row.entry.name}.svg"]


def test_files_are_few_beside_the_runs() -> None:
    per_run = len(built_site(FIELD)) - len(built_site(FIELD[:-1]))
    assert per_run <= 16
