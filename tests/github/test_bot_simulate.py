"""A rehearsal reads and judges as the workflows do, and writes nothing."""

from __future__ import annotations

import dataclasses

import pytest
from fake_github import FakeGitHub, Run
from played_contest import Contest

from posttrain_arena.cli.bot.simulate import simulate
from posttrain_arena.errors import UsageError


def written(github: FakeGitHub) -> list[str]:
    return [f"{method} {path}" for method, path, _ in github.requests if method != "GET"]


def test_a_label_that_would_be_refused_is_told_with_its_comment(
    contest: Contest, capsys: pytest.CaptureFixture[str]
) -> None:
    contest.pull.labels = ["post-train"]
    simulate(contest.context("labeled", actor="other"), "pull_request_target")
    said = capsys.readouterr().out
    assert "refused: not-permitted" in said
    assert "would send: POST" in said
    assert "/labels/post-train" in said
    assert written(contest.github) == []


def test_a_label_that_would_launch_says_what_follows(contest: Contest, capsys: pytest.CaptureFixture[str]) -> None:
    contest.pull.labels = ["post-train"]
    simulate(contest.context("labeled"), "pull_request_target")
    assert f"submissions/team-north at {contest.head} may be launched" in capsys.readouterr().out
    assert written(contest.github) == []


def test_a_push_while_a_job_runs_would_cancel_it(contest: Contest, capsys: pytest.CaptureFixture[str]) -> None:
    contest.label()
    contest.github.push(contest.pull, {"submissions/team-north/envs/more": b"1"})
    before = written(contest.github)
    simulate(contest.context("synchronize"), "pull_request_target")
    said = capsys.readouterr().out
    assert "would cancel: 1 jobs" in said
    assert "### Cancelled" in said
    assert contest.machines.cancelled == []
    assert written(contest.github) == before


def test_a_finished_check_would_be_reported(contest: Contest, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(id=1, workflow="check", head=contest.head, owner="north", branch="entry")
    contest.github.runs.append(run)
    payload = {
        "workflow_run": {
            "id": 1,
            "run_attempt": 1,
            "name": "check",
            "event": "pull_request",
            "head_sha": run.head,
            "head_branch": run.branch,
            "head_repository": {"owner": {"login": run.owner}},
        }
    }
    simulate(dataclasses.replace(contest.context("labeled"), payload=payload), "workflow_run")
    said = capsys.readouterr().out
    assert "rerun-failed-jobs" in said, "the run left no report, so it would be started again"
    assert "### We broke" in said
    assert written(contest.github) == []


def test_an_event_that_no_workflow_acts_on_is_refused(contest: Contest, capsys: pytest.CaptureFixture[str]) -> None:
    simulate(contest.context("opened"), "pull_request")
    assert "without a token" in capsys.readouterr().out
    with pytest.raises(UsageError, match="no workflow acts on star"):
        simulate(contest.context("opened"), "star")
    contest.plan()
    simulate(contest.context("labeled"), "pull_request_target")
