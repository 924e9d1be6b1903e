"""From a label to a result on the board: judged, launched, cancelled, collected; with everything but the machines."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from launches import COMPUTE, desk, documents_of_a_run, report
from played_contest import ENTRY, Contest

from posttrain_arena.cli import plan
from posttrain_arena.cli.bot.authorise import authorise
from posttrain_arena.cli.bot.cancel import cancel_asked
from posttrain_arena.cli.bot.collect import collect
from posttrain_arena.cli.bot.context import BotContext
from posttrain_arena.cli.bot.launch import launch_planned
from posttrain_arena.cli.demo_kit import RECIPES
from posttrain_arena.errors import GitHubError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import StageFailure
from posttrain_arena.model.leaderboard_run import LeaderboardRun


def test_a_label_leads_to_a_result_on_the_board(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    authorise(contest.context("labeled"))
    said = (contest.folder / "output").read_text()
    assert said == f"head={contest.head}\nentry={ENTRY}\n"
    contest.label()
    assert contest.pull.labels == ["post-train-running"]
    assert "### Running" in contest.comment()
    own = contest.own()
    assert (own.pull, own.head, own.entry, own.asked) == (
        contest.pull.number,
        contest.head,
        "team-north",
        datetime.datetime.now(datetime.UTC).date().isoformat(),
    )
    contest.finish()
    (path,) = contest.runs()
    run = documents.from_document(
        LeaderboardRun, json.loads(contest.github.store.blob("refs/heads/main", path)[1]), where=path
    )
    assert (run.entry.name, run.job, run.status) == ("team-north", own.job, "exhibition")
    assert f"### Lift {run.score.delta:+.3f}" in contest.comment()
    assert contest.pull.labels == []
    assert contest.github.dispatched == [], "it is shown once it is signed for"
    main = contest.github.store.ref("refs/heads/main")
    assert f"committed={main}\nruns={path}\n" in (contest.folder / "output").read_text()


def test_collecting_again_changes_nothing(contest: Contest) -> None:
    contest.label()
    contest.finish()
    before = (contest.github.store.ref("refs/heads/main"), contest.github.store.ref("refs/heads/ledger"))
    edits = contest.comment()
    assert collect(contest.context("labeled"))
    assert (contest.github.store.ref("refs/heads/main"), contest.github.store.ref("refs/heads/ledger")) == before
    assert contest.comment() == edits


@pytest.mark.parametrize(
    ("actor", "event", "rule"),
    [
        ("other", {}, "not-permitted"),
        ("north", {}, "own-entry"),
        ("maint", {"sender": {"login": "maint", "type": "Bot"}}, "by-a-bot"),
    ],
)
def test_a_label_of_somebody_who_may_not_is_taken_off_with_a_reason(
    contest: Contest, actor: str, event: dict[str, Any], rule: str
) -> None:
    contest.github.permissions["north"] = "admin"
    contest.pull.labels = ["post-train"]
    authorise(contest.context("labeled", actor=actor, **event))
    assert f"rule {rule}" in contest.comment()
    assert contest.pull.labels == []
    assert not (contest.folder / "output").exists()


def test_a_push_between_label_and_launch_launches_nothing(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    context, job = contest.context("labeled"), contest.plan()
    authorise(context)
    contest.github.push(contest.pull, {f"{ENTRY}/envs/more": b"1"})
    contest.green()
    launch_planned(context, job)
    assert "rule pushed-since" in contest.comment()
    assert contest.machines.launched == []
    assert contest.ledger() == {}


def test_a_status_that_turned_red_after_the_label_launches_nothing(contest: Contest) -> None:
    context, job = contest.context("labeled"), contest.plan()
    contest.github.statuses[contest.head].append({"context": "arena/files", "state": "failure", "description": ""})
    launch_planned(context, job)
    assert "rule not-green" in contest.comment()
    assert contest.machines.launched == []


def test_a_planned_job_of_another_entry_is_not_launched(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    job = contest.plan()
    doc = json.loads(job.read_text())
    doc["entry"]["name"] = "team-south"
    job.write_text(json.dumps(doc))
    with pytest.raises(UsageError, match="team-north was authorised"):
        launch_planned(contest.context("labeled"), job)
    assert contest.machines.launched == []


def test_a_second_label_while_the_first_runs_is_refused_and_launches_nothing(contest: Contest) -> None:
    contest.label()
    launched = list(contest.machines.launched)
    contest.label()
    assert "rule running" in contest.comment()
    assert contest.machines.launched == launched
    assert contest.pull.labels == ["post-train-running"]


@pytest.mark.parametrize("action", ["synchronize", "unlabeled", "closed"])
def test_what_voids_a_label_cancels_what_it_asked_for(contest: Contest, action: str) -> None:
    contest.label()
    if action == "synchronize":
        contest.github.push(contest.pull, {f"{ENTRY}/envs/more": b"1"})
    for _ in range(2):
        cancel_asked(contest.context(action, label="post-train-running"))
    assert "### Cancelled" in contest.comment()
    assert contest.machines.cancelled
    assert contest.pull.labels == []


def test_a_label_that_is_set_again_goes_on_with_what_was_cancelled(contest: Contest) -> None:
    contest.label()
    name = f"{contest.own().name}-post-train"
    cancel_asked(contest.context("unlabeled", label="post-train-running"))
    contest.machines.stands(name, "CANCELLED", seconds=3600)
    assert collect(contest.context("labeled"))
    contest.label()
    assert contest.machines.launched.count(name) == 2
    assert "### Running" in contest.comment()
    assert "It may cost about $33.00 and at most $33.00." in contest.comment()


def test_a_merged_entry_goes_on(contest: Contest) -> None:
    contest.label()
    merged = contest.context("closed")
    merged.payload["pull_request"]["merged"] = True
    cancel_asked(merged)
    assert contest.machines.cancelled == []
    assert "### Running" in contest.comment()


def test_events_that_void_nothing_are_silent(contest: Contest) -> None:
    cancel_asked(contest.context("synchronize"))
    cancel_asked(contest.context("unlabeled", label="needs-fix"))
    cancel_asked(contest.context("labeled"))
    assert contest.github.comments == {}


def test_a_failed_machine_is_told_with_its_owner(contest: Contest) -> None:
    contest.label()
    own = contest.own()
    home = documents_of_a_run(documents.read_document(contest.folder / "job" / "job.json", Job))
    contest.machines.stands(f"{own.baseline}-baseline", "SUCCEEDED", told=report("baseline"), files=home["baseline"])
    failure = StageFailure(owner="author", reason="training", detail="no demonstration passed @all")
    told = report("post-train", state="failed", failure=failure)
    contest.machines.stands(f"{own.name}-post-train", "FAILED", told=told)
    assert collect(contest.context("labeled"))
    assert "a reason that lies in the entry" in contest.comment()
    assert contest.pull.labels == []
    assert contest.runs() == []


def test_an_entry_that_waited_is_fetched_and_is_the_one_that_was_judged(contest: Contest) -> None:
    contest.machines.stands = contest.machines.stands  # the machines are busy with two others
    many = replace(COMPUTE, parallel_jobs=1)
    context = contest.context("labeled")
    contest.pull.labels = ["post-train"]
    busy = BotContext(**{**context.__dict__, "desk": lambda ledger: desk(ledger, contest.machines, many)})
    launch_planned(busy, contest.plan())
    assert [stage.state for stage in contest.own().stages] == ["waiting", "waiting"]
    assert "### Running" in contest.comment()
    home = documents_of_a_run(documents.read_document(contest.folder / "job" / "job.json", Job))
    contest.machines.stands(
        f"{contest.own().baseline}-baseline", "SUCCEEDED", told=report("baseline"), files=home["baseline"]
    )
    assert collect(busy)
    assert contest.own().stages[0].state == "launched"


def test_an_entry_that_is_not_the_judged_one_any_more_is_not_launched(contest: Contest) -> None:
    none = replace(COMPUTE, parallel_jobs=0)
    context = contest.context("labeled")
    contest.pull.labels = ["post-train"]
    idle = BotContext(**{**context.__dict__, "desk": lambda ledger: desk(ledger, contest.machines, none)})
    job = contest.plan()
    doc = json.loads(job.read_text())
    shutil.copytree(job.parent / "entry", job.parent / "kept")
    launch_planned(idle, job)
    ledger = {launch.name: launch for launch in contest.ledger().values()}
    name = next(name for name, launch in ledger.items() if launch.entry)
    doc["entry"]["digest"] = "sha256:" + "9" * 64
    blob = documents.encode({**doc, "entry": {**doc["entry"], "path": "entry"}, "recipe": {**doc["recipe"]}})
    contest.github.store.write("ledger", {f"{name}/job.json": blob})
    for _ in range(2):
        assert collect(contest.context("labeled")), "told on the pull request, and nothing to look at again"
    assert "not the entry that was judged" in contest.comment()
    assert contest.own().stages[0].state == "failed"
    assert not any(name.endswith("-post-train") for name in contest.machines.launched)


def test_eight_collectors_at_once_commit_one_result_once(contest: Contest) -> None:
    contest.label()
    job = documents.read_document(contest.folder / "job" / "job.json", Job)
    home, own = documents_of_a_run(job), contest.own()
    for name, stage in ((own.baseline, "baseline"), (own.name, "post-train")):
        contest.machines.stands(f"{name}-{stage}", "SUCCEEDED", seconds=60, told=report(stage), files=home[stage])
        assert collect(contest.context("labeled"))
    contest.machines.stands(f"{own.name}-evaluate", "SUCCEEDED", told=report("evaluate"), files=home["evaluate"])

    def look(_: int) -> int:
        """Return 0, or the status with which a collector gave way to the others."""
        try:
            return 0 if collect(contest.context("labeled")) else 1
        except GitHubError as error:
            return error.status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, range(8))) <= {0, 409}
    assert len(contest.runs()) == 1
    history = contest.github.store.git("log", "--format=%s", "refs/heads/main").decode()
    assert history.count("Add the run") == 1
    assert len(contest.github.comments_on(contest.pull.number)) == 1


def test_a_collector_that_died_at_any_step_is_run_again_to_the_same_end(contest: Contest) -> None:
    contest.label()
    for method, path in (
        ("POST", "git/trees"),
        ("PATCH", "git/refs"),
        ("POST", "git/commits"),
        ("PATCH", "issues/comments"),
    ):
        contest.github.fail(method, path, 401)
        with pytest.raises(GitHubError):
            contest.finish()
    contest.finish()
    assert len(contest.runs()) == 1
    assert "### Lift" in contest.comment()


def test_what_is_no_entry_of_plain_files_is_not_planned(tmp_path: Path) -> None:
    given = {
        "tree": tmp_path,
        "recipe": RECIPES / "tiny-short.yaml",
        "seed": 0,
        "sealed": False,
        "out": tmp_path / "out",
    }
    for entry in ("submissions", "submissions/..", "/etc", "submissions/a/b"):
        with pytest.raises(UsageError, match="no entry's folder"):
            plan.run(argparse.Namespace(entry=entry, **given))
    link = tmp_path / "submissions" / "team-north"
    link.mkdir(parents=True)
    (link / "submission.yaml").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="link"):
        plan.run(argparse.Namespace(entry=ENTRY, **given))
    assert not (tmp_path / "out").exists()
