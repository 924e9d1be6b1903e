"""The workflows that nobody asks for, run by act: pages, phases, reminders, and the project's own gates."""

from __future__ import annotations

import datetime
import re

import pytest
from act_harness import Actions
from fake_github import FakeGitHub

from posttrain_arena.model.documents import REPOSITORY_ROOT

FIRST = sorted((REPOSITORY_ROOT / "leaderboard" / "runs").iterdir())[0]
RUN = f"leaderboard/runs/{FIRST.name}"


def test_a_new_result_is_recomputed_and_published(actions: Actions, github: FakeGitHub) -> None:
    result = github.store.blob("refs/heads/main", RUN)[1]
    github.store.write("main", {RUN: None})
    github.store.write("main", {RUN: result}, message="Add the run")
    actions.only = ("pages",)
    actions.push()
    ((_, ran),) = actions.drain()
    assert ran.jobs == {"build": "success", "deploy": "success"}, ran.text
    assert (ran.artifact("github-pages") / "index.html").is_file()
    assert {"action": "deploy-pages"} in ran.record


def test_a_number_that_does_not_follow_is_not_published(actions: Actions, github: FakeGitHub) -> None:
    result = github.store.blob("refs/heads/main", RUN)[1].decode()
    forged, times = re.subn(r'("delta": )[-\d.]+', r"\g<1>99.0", result, count=1)
    assert times == 1
    github.store.write("main", {RUN: forged.encode()})
    actions.only = ("pages",)
    actions.push()
    ((_, ran),) = actions.drain()
    assert ran.jobs == {"build": "failure"}, ran.text
    assert ran.artifacts() == {}
    assert {"action": "deploy-pages"} not in ran.record


def test_a_push_beside_the_board_builds_no_page(actions: Actions, github: FakeGitHub) -> None:
    github.store.write("main", {"starting-kit/more.md": b"more"})
    actions.only = ("pages",)
    actions.push()
    assert actions.drain() == []


@pytest.mark.parametrize("opens", [True, False])
def test_a_phase_that_opens_today_is_announced_and_shown(actions: Actions, github: FakeGitHub, *, opens: bool) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    text = github.store.blob("refs/heads/main", "competition.yaml")[1].decode()
    dated = text.replace(
        "name: phase-0, opens: null, closes: null",
        f"name: phase-0, opens: {today if opens else today + datetime.timedelta(days=2)}, "
        f"closes: {today + datetime.timedelta(days=9)}",
    )
    assert dated != text
    github.store.write("main", {"competition.yaml": dated.encode()})
    actions.only = ("phases", "pages")
    actions.deliver("schedule", {"schedule": "11 0 * * *"})
    ran = actions.drain()
    assert [name for name, _ in ran] == (["phases", "pages"] if opens else ["phases"])
    assert ran[0][1].conclusion == "success", ran[0][1].text
    assert len(github.issues) == opens
    assert "check-passed" in github.labels


def test_a_calendar_that_cannot_be_read_changes_nothing(actions: Actions, github: FakeGitHub) -> None:
    github.store.write("main", {"competition.yaml": b"schema: competition/1\n"})
    actions.only = ("phases",)
    actions.deliver("schedule", {"schedule": "11 0 * * *"})
    ((_, ran),) = actions.drain()
    assert ran.jobs == {"phases": "failure"}
    assert "competition.yaml" in ran.text
    assert github.labels == {}


def test_reminders_close_nothing(actions: Actions) -> None:
    actions.only = ("stale",)
    actions.deliver("schedule", {"schedule": "0 0 1 1 *"})
    assert actions.drain() == [], "another workflow's hour"
    actions.deliver("schedule", {"schedule": "23 4 * * 1"})
    ((_, ran),) = actions.drain()
    (reminded,) = ran.record
    assert reminded["DAYS_BEFORE_CLOSE"] == "-1"
    assert ran.conclusion == "success"


@pytest.mark.parametrize(("code", "conclusion"), [(0, "success"), (1, "failure")])
def test_the_gates_decide_over_a_push(actions: Actions, github: FakeGitHub, code: int, conclusion: str) -> None:
    """What stands for the gates is short; the gates themselves run where this test does."""
    short = f"#!/bin/sh\ntest -f pyproject.toml && exit {code}\n".encode()
    tree = github.store.make_tree(
        "refs/heads/main^{tree}",
        [{"path": ".ci/run", "mode": "100755", "content": short.decode()}],
    )
    main = github.store.ref("refs/heads/main")
    github.store.move("refs/heads/main", github.store.make_commit("gates", tree, [main]))
    actions.only = ("ci",)
    actions.push()
    ((_, ran),) = actions.drain()
    assert ran.jobs == {"gates-and-tests": conclusion}, ran.text


@pytest.mark.docker
def test_what_the_gauntlet_restores_is_saved_from_main(actions: Actions) -> None:
    actions.only = ("cache",)
    actions.deliver("schedule", {"schedule": "41 3 * * 1,4"})
    ((_, ran),) = actions.drain()
    assert ran.jobs == {"save": "success"}, ran.text
    (saved,) = (one for one in ran.record if one["action"] == "cache")
    assert saved["path"] == "base/.arena"
    assert saved["there"]
    assert saved["key"].startswith("arena-")
