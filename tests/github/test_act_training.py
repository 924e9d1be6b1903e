"""The workflows behind a label and after it, run by act: who may launch, what is launched, what becomes of it."""

from __future__ import annotations

import re

import pytest
from act_contest import LABEL, Asking
from act_harness import Actions
from act_run import SECRETS, Runner
from launches import report
from played_contest import ENTRY

from posttrain_arena.model.launch import StageFailure


@pytest.fixture
def asking(actions: Actions, files: dict[str, bytes | None]) -> Asking:
    actions.only = ("post-train", "collect", "pages")
    asking = Asking(actions, files)
    asking.green()
    return asking


def test_a_maintainers_label_launches_a_job_that_ends_with_the_pull_request(asking: Asking) -> None:
    ran = asking.label()
    assert ran.jobs == {"authorise": "success", "plan": "success", "launch": "success"}, ran.text
    launched = asking.ledger()
    assert launched[True].head == asking.github.head(asking.pull)
    assert asking.machines.launched == [
        f"{launched[False].name}-baseline",
        f"{launched[True].name}-post-train",
    ]
    assert asking.pull.labels == ["post-train-running"]
    assert "arena:post-train" in asking.comment()
    assert set(ran.artifacts()) == {"job"}
    assert not any(secret in ran.text for secret in SECRETS.values())
    asking.pull.state = "closed"
    asking.actions.pull_event(asking.pull, "closed")
    ((_, ended),) = asking.actions.drain()
    assert ended.jobs == {"cancel": "success"}, ended.text
    assert asking.machines.cancelled == [2], "the baseline serves others too"
    assert asking.pull.labels == []
    assert "closed" in asking.comment()


def test_an_outsiders_label_is_taken_off_and_nothing_is_planned(asking: Asking) -> None:
    ran = asking.label(by="other")
    assert ran.jobs == {"authorise": "success"}, ran.text
    assert ran.artifacts() == {}
    assert asking.machines.launched == []
    assert asking.pull.labels == []
    assert "@other" not in asking.comment()
    assert "not-permitted" in ran.text


def test_an_entry_that_cannot_be_taken_as_committed_is_told_to_its_author(asking: Asking) -> None:
    asking.github.push(asking.pull, {f"{ENTRY}/envs/.gitattributes": b"* export-ignore\n"})
    asking.green()
    ran = asking.label()
    assert ran.jobs == {"authorise": "success", "plan": "failure", "tell": "success"}, ran.text
    assert asking.machines.launched == []
    assert asking.pull.labels == []
    assert "rule not-as-committed" in asking.comment()
    assert "This is for the authors of the entry." in asking.comment()
    assert "is committed and not handed out" in asking.comment()


def test_a_launch_that_we_broke_is_told_to_the_maintainers(asking: Asking) -> None:
    asking.actions.runner = Runner(variables={"ARENA_STORE": "s3://arena"})
    ran = asking.label()
    assert ran.jobs == {"authorise": "success", "plan": "success", "launch": "failure", "tell": "success"}, ran.text
    assert asking.machines.launched == []
    assert asking.pull.labels == []
    assert "rule launch-failed" in asking.comment()
    assert "This is for the maintainers." in asking.comment()


def test_a_label_on_a_pull_request_to_another_branch_starts_no_job(asking: Asking) -> None:
    asking.github.store.move("refs/heads/dev", asking.github.store.ref("refs/heads/main"))
    asking.pull.base = "dev"
    ran = asking.label()
    assert ran.conclusion == "skipped"
    assert asking.github.comments == {}


def test_a_push_between_label_and_launch_launches_nothing(asking: Asking) -> None:
    asking.pull.labels.append(LABEL)
    asking.actions.pull_event(asking.pull, "labeled", sender="maint", label=LABEL)
    asking.github.push(asking.pull, {"submissions/team-north/more.md": b"more"})
    asking.actions.pull_event(asking.pull, "synchronize")
    ran = asking.actions.drain()
    assert [one.jobs for _, one in ran] == [{"authorise": "success"}, {"cancel": "success"}]
    assert asking.machines.launched == []
    assert asking.pull.labels == []


def test_a_label_of_somebody_elses_starts_no_job(asking: Asking) -> None:
    asking.pull.labels.append("good")
    asking.actions.pull_event(asking.pull, "labeled", sender="other", label="good")
    ((_, ran),) = asking.actions.drain()
    assert ran.conclusion == "skipped"
    assert asking.github.comments == {}


def test_a_collector_without_launches_commits_nothing(asking: Asking) -> None:
    before = asking.github.store.ref("refs/heads/main")
    ((_, ran),) = asking.collect()
    assert ran.jobs == {"collect": "success"}, "nothing to attest"
    assert "nothing was launched yet" in ran.text
    assert asking.github.store.ref("refs/heads/main") == before


def test_a_training_that_failed_is_told_and_leaves_no_result(asking: Asking) -> None:
    home, launched = asking.home(asking.label()), asking.ledger()
    failure = StageFailure(owner="author", reason="training", detail="no demonstration passed @all")
    told = report("post-train", state="failed", failure=failure)
    before = asking.github.store.ref("refs/heads/main")
    baseline = {"told": report("baseline"), "files": home["baseline"]}
    asking.machines.stands(f"{launched[False].name}-baseline", "SUCCEEDED", **baseline)
    asking.machines.stands(f"{launched[True].name}-post-train", "FAILED", told=told)
    ((name, ran),) = asking.collect()
    assert (name, ran.jobs) == ("collect", {"collect": "success"}), "nothing to attest, no page to build"
    assert "a reason that lies in the entry" in asking.comment()
    assert "@all" not in re.sub(r"`[^`]*`", "", asking.comment())
    assert asking.github.store.ref("refs/heads/main") == before
    assert asking.pull.labels == []
