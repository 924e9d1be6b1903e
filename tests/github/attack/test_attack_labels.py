"""Labels and events: set by the wrong one, at the wrong time, twice, late, or in a payload of wrong types."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fake_github import NAME
from played_contest import ENTRY, Contest

from posttrain_arena.cli.bot.authorise import authorise
from posttrain_arena.cli.bot.launch import launch_planned
from posttrain_arena.cli.main import main

PREPARED: dict[str, tuple[Callable[[Contest], Any], str]] = {
    "on a closed pull request": (lambda contest: setattr(contest.pull, "state", "closed"), "closed"),
    "on a draft": (lambda contest: setattr(contest.pull, "draft", True), "draft"),
    "by somebody whose rights were taken": (lambda contest: contest.github.permissions.pop("maint"), "not-permitted"),
    "with green on another commit": (lambda contest: elsewhere(contest), "not-green"),
    "with green of another name": (lambda contest: renamed(contest), "not-green"),
    "on an entry that main changed since": (lambda contest: merged(contest), "behind"),
}


def elsewhere(contest: Contest) -> None:
    contest.github.statuses[contest.github.store.ref("refs/heads/main")] = contest.github.statuses.pop(contest.head)


def renamed(contest: Contest) -> None:
    for status in contest.github.statuses[contest.head]:
        status["context"] = status["context"].replace("arena/", "arena /")


def merged(contest: Contest) -> None:
    """Main has a sound version of a file that the head has unsound: the check of their merge is green."""
    contest.github.store.write("main", {f"{ENTRY}/submission.yaml": b"another"})


@pytest.mark.parametrize("name", PREPARED)
def test_such_a_label_is_taken_off_with_the_reason_and_launches_nothing(name: str, contest: Contest) -> None:
    prepare, rule = PREPARED[name]
    contest.pull.labels = ["post-train"]
    prepare(contest)
    authorise(contest.context("labeled"))
    assert f"rule {rule}" in contest.comment()
    assert contest.pull.labels == []
    assert not (contest.folder / "output").exists()


@pytest.mark.parametrize(
    "label", ["Post-Train", "post-train\n", "post-train ", "post-train-running", "post\u2010train"]
)
def test_a_label_that_looks_like_ours_is_none(label: str, contest: Contest) -> None:
    contest.pull.labels = [label]
    authorise(contest.context("labeled", label=label))
    assert contest.github.comments == {}
    assert contest.ledger() == {}
    assert not (contest.folder / "output").exists()


def test_a_label_that_was_taken_off_before_the_launch_launches_nothing(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    context, job = contest.context("labeled"), contest.plan()
    authorise(context)
    contest.pull.labels = []
    launch_planned(context, job)
    assert "rule withdrawn" in contest.comment()
    assert contest.machines.launched == []


def test_an_old_event_that_is_run_again_launches_nothing(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    context, job = contest.context("labeled"), contest.plan()
    launch_planned(context, job)
    contest.finish()
    launched = list(contest.machines.launched)
    launch_planned(context, job)
    assert "rule withdrawn" in contest.comment()
    assert contest.machines.launched == launched


def test_two_labels_at_once_are_one_run(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    context, job = contest.context("labeled"), contest.plan()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: launch_planned(context, job), range(2)))
    assert len(contest.machines.launched) == len(set(contest.machines.launched))
    assert contest.own().attempt == 1
    assert "post-train" not in contest.pull.labels


def at(payload: dict[str, Any], where: str, value: Any) -> None:
    *parts, last = where.split("/")
    for part in parts:
        payload = payload[part]
    payload[last] = value


WRONG = [
    ("action", ["labeled"]),
    ("action", "opened\n::error::owned"),
    ("pull_request", []),
    ("pull_request/number", "1"),
    ("pull_request/number", True),
    ("pull_request/head", None),
    ("pull_request/head/sha", 7),
    ("pull_request/labels", None),
    ("pull_request/labels", ["post-train"]),
    ("sender", "maint"),
    ("sender/login", {"x": 1}),
    ("label", "post-train"),
    ("label/name", ["post-train"]),
]


@pytest.mark.parametrize("action", ["authorise", "cancel"])
@pytest.mark.parametrize(("where", "value"), WRONG, ids=range(len(WRONG)))
def test_a_payload_of_wrong_types_is_refused_before_anything_is_asked(
    where: str,
    value: Any,
    action: str,
    contest: Contest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payload = contest.context("labeled").payload
    at(payload, where, value)
    event = contest.folder / "event.json"
    event.write_text(json.dumps(payload))
    for name, text in {"REPOSITORY": NAME, "TOKEN": "token", "API_URL": contest.github.url}.items():
        monkeypatch.setenv(f"GITHUB_{name}", text)
    assert main(["bot", action, "--event", str(event)]) == 2
    said = capsys.readouterr().err
    assert "the event" in said
    assert not any(line.startswith("::") for line in said.splitlines())
    assert contest.github.requests == []
    assert contest.ledger() == {}
