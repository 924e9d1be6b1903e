"""The calendar is followed once a day, told once a change, and harmless where it is followed again."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from fake_github import NAME, FakeGitHub

from posttrain_arena.cli.bot.context import BotContext
from posttrain_arena.cli.bot.phases import follow
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.contest.announcements import phase_announcement
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.documents import REPOSITORY_ROOT

DATES = (("2027-01-01", "2027-01-31"), ("2027-02-01", "2027-02-28"), ("2027-03-05", "2027-03-20"))


def dated() -> Competition:
    """The competition's phases, with dates."""
    competition = read_competition(REPOSITORY_ROOT / "competition.yaml")
    phases = zip(competition.phases, DATES, strict=True)
    return replace(
        competition, phases=tuple(replace(one, opens=opens, closes=closes) for one, (opens, closes) in phases)
    )


def context_of(github: FakeGitHub, competition: Competition) -> BotContext:
    context = BotContext(name=NAME, token="token", api=github.url, server="https://github.com", payload={})
    context.__dict__["competition"] = competition
    return context


@pytest.mark.parametrize(
    ("day", "title"),
    [
        ("2026-12-31", None),
        ("2027-01-01", "phase-0 is open (2027-01-01)"),
        ("2027-01-02", None),
        ("2027-02-01", "phase-1 is open (2027-02-01)"),
        ("2027-03-01", "phase-1 is over (2027-03-01)"),
        ("2027-03-05", "phase-2 is open (2027-03-05)"),
        ("2027-03-21", "phase-2 is over (2027-03-21)"),
    ],
)
def test_a_change_of_phase_is_told_on_its_day(day: str, title: str | None) -> None:
    told = phase_announcement(dated(), datetime.date.fromisoformat(day))
    assert (told.title if told else None) == title


def test_a_frozen_blind_phase_says_all_that_it_means() -> None:
    told = phase_announcement(dated(), datetime.date(2027, 3, 5))
    assert told is not None
    for part in ("frozen", "The board ranks", "at most 1 in this phase", "hidden until it is over", "2027-03-20"):
        assert part in told.body


def test_a_calendar_without_dates_is_silent() -> None:
    competition = read_competition(REPOSITORY_ROOT / "competition.yaml")
    assert phase_announcement(competition, datetime.date(2027, 1, 1)) is None


def test_following_twice_tells_once_and_makes_every_label(github: FakeGitHub) -> None:
    context = context_of(github, dated())
    for _ in range(2):
        follow(context, datetime.date(2027, 2, 1))
        follow(context, datetime.date(2027, 2, 2))
    assert [one["title"] for one in github.issues] == ["phase-1 is open (2027-02-01)"]
    assert [one["workflow"] for one in github.dispatched] == ["pages.yml"]
    labels = context.competition.labels
    assert {labels.passed, labels.fix, labels.broken, labels.post_train, labels.running} <= set(github.labels)
    assert {"track: skills", "domain: sciences", "phase"} <= set(github.labels)
    writes = [path for method, path, _ in github.requests if method == "POST" and path.endswith("/labels")]
    assert len(writes) == len(github.labels)
