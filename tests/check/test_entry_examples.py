"""Each folder of tests/examples/entries is an entry, and the check finds in it exactly what its case.yaml says."""

from __future__ import annotations

import datetime
import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import cases
import pytest
from packages import COMPETITION

from posttrain_arena.core.check.entry import CheckedEntry, check_entries, check_entry
from posttrain_arena.core.check.read import check_package
from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.model.competition import Bounds, Phase, Tracks
from posttrain_arena.model.documents import REPOSITORY_ROOT

SMALL = Bounds(min=3, recommended=3, max=4)
CALENDAR = (
    ("warm-up", "2026-02-01", "2026-04-30", "open"),
    ("final", "2026-05-01", "2026-05-31", "frozen"),
    ("next", "2026-07-01", None, "open"),
)
ARENA = replace(
    COMPETITION,
    tracks=Tracks(environments=SMALL, skills=SMALL, agents=Bounds(min=1, recommended=1, max=1)),
    phases=tuple(
        Phase(name=name, opens=opens, closes=closes, entries=entries, ranked=False, note="")  # type: ignore[arg-type]
        for name, opens, closes, entries in CALENDAR
    ),
)
"""Entries of three packages are whole here, and the calendar is known."""

FOLDER = "team-entry"
SAMPLE = REPOSITORY_ROOT / "starting-kit" / "public-sample"
ALL = [(verdict, name) for verdict in ("positive", "negative") for name in cases.cases("entries", verdict)]
OURS = [rule.id for family in ("entries", "skills", "agents") for rule in FAMILIES[family]]


def check(path: Path, case: dict[str, object]) -> CheckedEntry:
    today = datetime.date.fromisoformat(str(case.get("today", "2026-03-01")))
    changed: list[str] | None = case.get("changed")  # type: ignore[assignment]
    entries = [
        check_entry(place, root=path.parent, competition=ARENA, today=today, changed=changed, sample=SAMPLE)
        for place in sorted(path.parent.iterdir())
    ]
    return next(entry for entry in check_entries(entries, root=path.parent) if entry.path == path)


@pytest.mark.parametrize("track", ["environments", "skills", "agents"])
def test_sound_entry_has_no_finding(track: str, tmp_path: Path) -> None:
    cases.copy_sound("entries", track, tmp_path / FOLDER)
    checked = check(tmp_path / FOLDER, {})
    assert checked.findings == ()
    for package in checked.packages:
        assert not check_package(package, root=tmp_path, competition=ARENA, level="structural").findings


@pytest.mark.parametrize(("verdict", "name"), ALL)
def test_example_has_exactly_the_expected_findings(verdict: str, name: str, tmp_path: Path) -> None:
    path = cases.make_case("entries", verdict, name, tmp_path, folder=FOLDER)
    case = cases.read_case("entries", verdict, name)
    found = cases.said(check(path, case).findings, path.name)
    assert cases.agrees(found, case["findings"]), (found, case["findings"])
    assert verdict == "negative" or not any(line.startswith("error") for line in case["findings"])


@functools.cache
def table(verdict: str) -> list[dict[str, Any]]:
    return [cases.read_case("entries", verdict, name) for name in cases.cases("entries", verdict)]


@pytest.mark.parametrize("rule", OURS)
def test_rule_has_an_example_that_breaks_it_and_one_that_nearly_does(rule: str) -> None:
    assert any(line.split()[1] == rule for case in table("negative") for line in case["findings"])
    assert any(rule in case["near"] for case in table("positive"))


def test_no_example_breaks_the_rule_that_it_is_near_to() -> None:
    for case in table("positive"):
        assert not {line.split()[1] for line in case["findings"]} & set(case["near"]), case["about"]


def test_there_are_many_examples() -> None:
    assert len(cases.cases("entries", "negative")) >= 40
    assert len(cases.cases("entries", "positive")) >= 12
