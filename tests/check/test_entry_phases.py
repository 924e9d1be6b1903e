"""What may be done with an entry depends on the day, and one team has one entry on a track."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from packages import COMPETITION

from posttrain_arena.core.check.entry import CheckedEntry, check_entries, check_entry
from posttrain_arena.core.check.remembered import Memory
from posttrain_arena.core.check.survey import Changes, Survey, check_all
from posttrain_arena.core.check.targets import Targets
from posttrain_arena.model.competition import Competition, Phase
from posttrain_arena.model.phases import phase_of

MANIFEST = "team_name: {team}\ncontact_email: {email}\ntrack: environments\n"


def calendar(*rows: tuple[str, str | None, str | None]) -> Competition:
    phases = tuple(
        Phase(name=f"p{index}", opens=opens, closes=closes, entries=entries, ranked=False, note="")  # type: ignore[arg-type]
        for index, (entries, opens, closes) in enumerate(rows)
    )
    return replace(COMPETITION, phases=phases)


YEAR = calendar(
    ("open", "2026-01-10", "2026-02-28"), ("frozen", "2026-03-01", "2026-03-31"), ("open", "2026-05-01", None)
)


def entry(root: Path, manifest: str = "", *, count: int = 50, name: str = "team") -> Path:
    for number in range(count):
        (root / name / "envs" / f"env-{number}").mkdir(parents=True)
    whole = manifest or MANIFEST.format(team=name, email=f"{name}@example.org")
    (root / name / "submission.yaml").write_text(whole)
    return root / name


def said(path: Path, day: str, *, changed: list[str] | None = None, competition: Competition = YEAR) -> list[str]:
    today = datetime.date.fromisoformat(day)
    checked = check_entry(path, root=path.parent, competition=competition, today=today, changed=changed)
    return [finding.rule for finding in checked.findings]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-09", None),
        ("2026-01-10", "p0"),
        ("2026-02-28", "p0"),
        ("2026-03-01", "p1"),
        ("2026-03-31", "p1"),
        ("2026-04-01", None),
        ("2026-05-01", "p2"),
        ("2030-01-01", "p2"),
    ],
)
def test_phase_of_a_day(day: str, name: str | None) -> None:
    phase = phase_of(YEAR, datetime.date.fromisoformat(day))
    assert (phase.name if phase else None) == name


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([("closed", None, None), ("open", None, None), ("frozen", None, None)], "p1"),
        ([("closed", None, None), ("frozen", None, None)], "p0"),
        ([("open", None, "2026-03-01"), ("frozen", None, None)], "p0"),
        ([("open", None, None), ("frozen", "2026-02-01", None)], "p1"),
        ([("open", "2026-01-01", None), ("frozen", "2026-02-01", None)], "p1"),
        ([("open", "2026-01-01", None), ("frozen", None, None)], "p0"),
    ],
)
def test_dates_that_are_not_announced(rows: list[tuple[str, str | None, str | None]], name: str) -> None:
    phase = phase_of(calendar(*rows), datetime.date(2026, 2, 2))
    assert phase is not None
    assert phase.name == name


def test_entries_are_refused_before_and_between_the_phases_with_the_next_day(tmp_path: Path) -> None:
    path = entry(tmp_path)
    assert said(path, "2026-01-01") == said(path, "2026-04-15") == ["entry-closed"]
    checked = check_entry(path, root=tmp_path, competition=YEAR, today=datetime.date(2026, 4, 15))
    assert checked.findings[0].what == "entries open on 2026-05-01"
    assert said(path, "2026-04-15", changed=[]) == []
    assert said(path, "2026-01-20", changed=["envs/env-1/task.md"]) == []


def test_frozen_entry_may_stay_and_may_be_withdrawn(tmp_path: Path) -> None:
    path = entry(tmp_path)
    assert said(path, "2026-03-05") == said(path, "2026-03-05", changed=[]) == []
    assert said(path, "2026-03-05", changed=["submission.yaml"]) == ["entry-frozen"]
    (path / "submission.yaml").write_text((path / "submission.yaml").read_text() + "withdrawn: true\n")
    assert said(path, "2026-03-05", changed=["submission.yaml"]) == ["entry-withdrawn"]
    assert said(path, "2026-04-05", changed=["submission.yaml"]) == ["entry-withdrawn"]


def test_small_entry_is_an_error_from_the_freeze_on(tmp_path: Path) -> None:
    path = entry(tmp_path, count=3)
    assert said(path, "2026-02-01") == ["entry-too-small"]
    assert said(path, "2026-03-05") == ["entry-short-at-freeze"]


def checked(root: Path, *rows: tuple[str, str, str]) -> list[CheckedEntry]:
    found = []
    for name, team, email in rows:
        path = entry(root, MANIFEST.format(team=team, email=email), name=name)
        found.append(check_entry(path, root=root, competition=COMPETITION))
    return check_entries(found, root=root)


def test_team_with_two_entries_on_a_track_is_named_in_both(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        ("north-a", "Team North", "a@example.org"),
        ("south", "Team South", "c@example.org"),
        ("north-b", "team-NORTH!", "b@example.org"),
    )
    rows = [(f.rule, f.path, f.line, f.what) for one in found for f in one.findings]
    assert [(rule, path, line) for rule, path, line, _ in rows] == [
        ("team-twice", "north-a/submission.yaml", 1),
        ("team-twice", "north-b/submission.yaml", 1),
    ]
    assert rows[0][3] == "the team name is also that of north-b on the track environments"


def test_same_address_is_one_team(tmp_path: Path) -> None:
    found = checked(tmp_path, ("one", "One", "Team@example.org"), ("two", "Two", "team@EXAMPLE.org"))
    assert [(f.rule, f.line) for one in found for f in one.findings] == [("team-twice", 2)] * 2


def test_names_of_symbols_alone_are_compared_as_they_are(tmp_path: Path) -> None:
    assert not any(one.findings for one in checked(tmp_path, ("a", "★★", "a@x.org"), ("b", "☆☆", "b@x.org")))


def test_withdrawn_entry_leaves_its_team_free(tmp_path: Path) -> None:
    paths = [entry(tmp_path, MANIFEST.format(team="N", email="n@x.org"), name=name) for name in ("a", "b")]
    (paths[0] / "submission.yaml").write_text((paths[0] / "submission.yaml").read_text() + "withdrawn: true\n")
    found = [check_entry(path, root=tmp_path, competition=COMPETITION) for path in paths]
    assert [f.rule for one in check_entries(found, root=tmp_path) for f in one.findings] == ["entry-withdrawn"]


def test_team_on_two_tracks_has_two_entries(tmp_path: Path) -> None:
    one = entry(tmp_path, name="envs-entry")
    two = tmp_path / "agents-entry"
    (two / "agent").mkdir(parents=True)
    (two / "submission.yaml").write_text((one / "submission.yaml").read_text().replace("environments", "agents"))
    found = [check_entry(path, root=tmp_path, competition=COMPETITION) for path in (one, two)]
    assert "team-twice" not in {f.rule for e in check_entries(found, root=tmp_path) for f in e.findings}


@pytest.mark.parametrize(
    ("asked", "rules"), [(None, []), (["submissions/team/envs/env-1/task.md"], ["entry-frozen"]), (["README.md"], [])]
)
def test_check_of_a_tree_knows_the_day_and_what_changed(
    asked: list[str] | None, rules: list[str], tmp_path: Path
) -> None:
    path = entry(tmp_path / "submissions")
    noon = datetime.datetime(2026, 3, 5, 12, tzinfo=datetime.UTC)
    wanted = Survey(
        root=tmp_path,
        competition=YEAR,
        level="schema",
        sample=tmp_path / "sample",
        examples=tmp_path / "examples",
        now_ns=int(noon.timestamp()) * 10**9,
        memory=Memory(version=""),
        changes=Changes(asked=None if asked is None else frozenset(asked)),
    )
    found = check_all(Targets(entries=(path,), packages=()), wanted)
    assert [f.rule for _, subject in found if subject.kind == "entry" for f in subject.findings] == rules
