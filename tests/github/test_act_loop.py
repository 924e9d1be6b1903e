"""The whole loop, run by act: from a fork's pull request to its place on the page."""

from __future__ import annotations

import json
import re

import pytest
from act_contest import Asking, of_one_package
from act_harness import Actions

from posttrain_arena.core.contest import train_comment


@pytest.fixture
def asking(actions: Actions, files: dict[str, bytes | None]) -> Asking:
    """Return a fork's pull request with an entry of one package.

    The played machines measure on tasks of their own: the suite that main names is one whose tasks are not at hand.
    """
    rules = actions.github.store.blob("refs/heads/main", "competition.yaml")[1].decode()
    other, times = re.subn(r'(public_sample:.*digest: "sha256:)[0-9a-f]{64}', r"\g<1>" + "7e" * 32, rules)
    assert times == 1
    actions.github.store.write("main", {"competition.yaml": other.encode()})
    return Asking(actions, of_one_package(files))


@pytest.mark.docker
def test_from_a_pull_request_to_the_page(asking: Asking) -> None:
    actions = asking.actions
    actions.only = ("check", "gauntlet", "report", "post-train", "collect", "pages")
    actions.pull_event(asking.pull, "opened")
    checked = actions.drain()
    assert {name for name, _ in checked} == {"check", "gauntlet", "report"}
    assert all(ran.conclusion == "success" for _, ran in checked), [ran.text for _, ran in checked]
    assert asking.statuses() == {"arena/files": "success", "arena/trials": "success"}
    assert "check-passed" in asking.pull.labels

    asked = asking.label()
    assert asked.jobs == {"authorise": "success", "plan": "success", "launch": "success"}, asked.text
    (_, collected), (_, pages) = asking.finish(asked)
    assert collected.jobs == {"collect": "success", "attest": "success", "keep": "success"}, collected.text
    assert pages.jobs == {"build": "success", "deploy": "success"}, pages.text

    main = asking.github.store.ref("refs/heads/main")
    signed, added = asking.github.store.git("diff", "--name-only", f"{main}~2", main).decode().split()
    (attested,) = (one for one in collected.record if one["action"] == "attest")
    assert attested["subjects"] == [added]
    assert signed == added.replace("/runs/", "/attestations/runs/").replace(".json", ".sigstore")
    assert json.loads(asking.github.store.blob(main, added)[1])["entry"]["name"] == "team-north"
    assert added.startswith("leaderboard/runs/team-north-")
    assert (pages.artifact("github-pages") / "runs" / added.rpartition("/")[2].replace(".json", ".html")).is_file()
    assert "### Lift" in asking.comment(train_comment.MARKER)
    assert "post-train-running" not in asking.pull.labels
    assert len(asking.github.comments_on(asking.pull.number)) == 2, "one of the check, one of the training"


@pytest.mark.docker
def test_the_trials_of_an_entry_are_run_and_told(asking: Asking) -> None:
    asking.actions.only = ("gauntlet", "report")
    asking.actions.pull_event(asking.pull, "opened")
    ran = dict(asking.actions.drain())["gauntlet"]
    assert ran.jobs == {"plan": "success", "trials": "success", "gauntlet": "success"}, ran.text
    assert set(ran.artifacts()) == {"shard-1", "report"}
    assert ran.report()["level"] == "publication-grade"
    assert asking.statuses()["arena/trials"] == "success"
    assert "Trials in Docker" in asking.comment()


@pytest.mark.docker
def test_the_required_job_is_red_where_a_shard_left_nothing(asking: Asking) -> None:
    asking.actions.only = ("gauntlet", "report")
    store = asking.github.store
    listed = store.git("ls-tree", "-r", "--name-only", asking.pull.ref, "submissions/").decode().splitlines()
    asking.github.push(asking.pull, {**dict.fromkeys(listed), "submissions": b"hidden"})
    asking.actions.pull_event(asking.pull, "synchronize")
    ran = dict(asking.actions.drain())["gauntlet"]
    assert ran.jobs == {"plan": "success", "trials": "failure", "gauntlet": "failure"}, ran.text
    assert "0 of 1 shards have a report" in ran.text
    assert asking.statuses().get("arena/trials") != "success"
