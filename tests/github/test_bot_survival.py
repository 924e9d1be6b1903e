"""Pushes without end, collectors killed at every write, jobs that ended unseen: one comment, one result, one run."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from fake_github import Answer, FakeGitHub
from launches import documents_of_a_run, report
from played_contest import ENTRY, Contest

from posttrain_arena.cli.bot.authorise import authorise
from posttrain_arena.cli.bot.cancel import cancel_asked
from posttrain_arena.cli.bot.collect import collect
from posttrain_arena.core.contest import train_comment
from posttrain_arena.errors import GitHubError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job

WRITES = ("POST", "PATCH", "PUT", "DELETE")


def test_twenty_pushes_with_a_label_each_leave_one_comment(contest: Contest) -> None:
    for number in range(20):
        contest.github.push(contest.pull, {f"{ENTRY}/notes-{number}.md": b"more"})
        contest.pull.labels.append("post-train")
        authorise(contest.context("labeled", actor="other"))
        contest.pull.labels.append("post-train")
        cancel_asked(contest.context("synchronize"))
    (comment,) = contest.github.comments_on(contest.pull.number)
    assert comment["body"].startswith(train_comment.MARKER)
    assert comment["edits"] == 39, "one was made, and each word after it edited into it"
    assert contest.pull.labels == []


class Killed:
    """Answers the write of one number with an error that nobody retries, and every request after it too."""

    def __init__(self, github: FakeGitHub, number: int) -> None:
        self.answer: Callable[..., Answer] = github.answer
        self.left = number

    def __call__(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method in WRITES:
            self.left -= 1
        return (401, {"message": "killed"}) if self.left < 0 else self.answer(method, path, query, body)


def kept(github: FakeGitHub) -> tuple[dict[str, str], dict[int, dict[str, Any]]]:
    lines = github.store.git("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
    return dict(line.split() for line in lines), copy.deepcopy(github.comments)


def put_back(contest: Contest, refs: dict[str, str], comments: dict[int, dict[str, Any]]) -> None:
    for name, sha in refs.items():
        contest.github.store.move(name, sha, force=True)
    contest.github.comments = copy.deepcopy(comments)
    contest.pull.labels = ["post-train-running"]


def end_of(contest: Contest) -> tuple[bytes, str, list[str]]:
    """Return what a collector left: the tree of main, the comment, the labels."""
    tree = contest.github.store.git("rev-parse", "refs/heads/main^{tree}")
    return tree, contest.comment(), list(contest.pull.labels)


def evaluated(contest: Contest) -> None:
    """Have all machines ended, and the last one not been looked at yet."""
    home = documents_of_a_run(documents.read_document(contest.folder / "job" / "job.json", Job))
    own = contest.own()
    for name, stage in ((own.baseline, "baseline"), (own.name, "post-train"), (own.name, "evaluate")):
        contest.machines.stands(f"{name}-{stage}", "SUCCEEDED", seconds=60, told=report(stage), files=home[stage])
        if stage != "evaluate":
            assert collect(contest.context("labeled"))


def test_a_collector_killed_at_any_write_and_run_again_ends_the_same(contest: Contest) -> None:
    contest.label()
    evaluated(contest)
    state = kept(contest.github)
    assert collect(contest.context("labeled"))
    whole = end_of(contest)
    killed, launched = 0, list(contest.machines.launched)
    whole_answer = contest.github.answer
    while True:
        put_back(contest, *state)
        contest.github.answer = Killed(contest.github, killed)  # type: ignore[method-assign]
        try:
            collect(contest.context("labeled"))
        except GitHubError:
            killed += 1
        else:
            break
        finally:
            contest.github.answer = whole_answer  # type: ignore[method-assign]
        assert collect(contest.context("labeled"))
        assert end_of(contest) == whole, f"killed at write {killed}"
        history = contest.github.store.git("log", "--format=%s", "refs/heads/main").decode()
        assert history.count("Add the run") == 1
    assert killed >= 8, "tree, commit and branch of main, the comment, the label, tree, commit and branch of the ledger"
    assert contest.machines.launched == launched


def test_a_launch_whose_word_was_lost_is_found_and_not_run_again(contest: Contest) -> None:
    contest.pull.labels = ["post-train"]
    contest.github.fail("POST", "/git/refs$", 401)
    with pytest.raises(GitHubError):
        contest.label()
    assert contest.ledger() == {}
    launched = list(contest.machines.launched)
    assert len(launched) == 2
    contest.label()
    assert contest.machines.launched == launched
    evaluated(contest)
    assert collect(contest.context("labeled"))
    assert len(contest.runs()) == 1
    assert sorted(contest.machines.launched) == sorted({*contest.machines.launched})
