"""One comment of a kind, labels as names, statuses once, annotations in batches, and no word lost to a busy GitHub."""

from __future__ import annotations

import pytest
from fake_github import FakeGitHub
from github.Repository import Repository

from posttrain_arena.adapters.github.words import annotate, ensure_labels, say, set_labels, set_status, statuses
from posttrain_arena.errors import GitHubError
from posttrain_arena.model.finding import Finding

MARKER = "<!-- arena:check -->"


def test_twenty_pushes_leave_one_comment_that_was_edited_when_its_text_changed(
    github: FakeGitHub, repository: Repository
) -> None:
    pull = github.open_pull("north", "entry", {"submissions/north/a": b"1"})
    changed = [say(repository, pull.number, f"{MARKER}\n{number // 2} errors\n") for number in range(20)]
    (comment,) = github.comments_on(pull.number)
    assert comment["body"] == f"{MARKER}\n9 errors\n"
    assert comment["edits"] == 9
    assert changed == [True, False] * 10


def test_a_forged_marker_of_somebody_else_is_left_alone(github: FakeGitHub, repository: Repository) -> None:
    pull = github.open_pull("north", "entry", {"submissions/north/a": b"1"})
    github.actor = "north"
    say(repository, pull.number, f"{MARKER}\nall passed\n")
    github.actor = "github-actions[bot]"
    say(repository, pull.number, f"x {MARKER}\n")
    say(repository, pull.number, f"{MARKER}\n1 error\n")
    assert [(one["by"], one["edits"]) for one in github.comments_on(pull.number)] == [
        ("north", 0),
        ("github-actions[bot]", 0),
        ("github-actions[bot]", 0),
    ]


def test_comments_that_two_runs_made_at_once_become_one(github: FakeGitHub, repository: Repository) -> None:
    pull = github.open_pull("north", "entry", {"submissions/north/a": b"1"})
    for number in range(3):
        repository.get_issue(pull.number).create_comment(f"{MARKER}\n{number}")
    say(repository, pull.number, f"{MARKER}\nnews\n")
    assert [one["body"] for one in github.comments_on(pull.number)] == [f"{MARKER}\nnews\n"]


def test_a_status_is_set_once_and_again_when_it_changes(github: FakeGitHub, repository: Repository) -> None:
    head = github.store.ref("refs/heads/main")
    for state in ("pending", "pending", "error", "success", "success"):
        set_status(repository, head, "arena/files", state, said="x" * 500, url="https://example.org/run")
    assert [one["state"] for one in github.statuses[head]] == ["pending", "error", "success"]
    assert all(len(one["description"]) == 140 for one in github.statuses[head])
    assert statuses(repository, head) == {"arena/files": "success"}


def test_a_label_with_a_comma_is_one_label(github: FakeGitHub, repository: Repository) -> None:
    pull = github.open_pull("north", "entry", {"submissions/north/a": b"1"})
    pull.labels = ["keep", "needs-fix", "a b?c"]
    set_labels(repository, pull.number, on=["track: a, b", "keep"], off=["needs-fix", "a b?c", "never there"])
    assert pull.labels == ["keep", "track: a, b"]


def test_labels_are_made_and_mended(github: FakeGitHub, repository: Repository) -> None:
    wanted = {"post-train": ("1d76db", "Ask for post-training"), "x/y": ("ededed", "slash")}
    ensure_labels(repository, wanted)
    github.labels["post-train"]["description"] = "changed by hand"
    before = len(github.requests)
    ensure_labels(repository, wanted)
    ensure_labels(repository, wanted)
    assert github.labels["post-train"] == {"color": "1d76db", "description": "Ask for post-training"}
    assert sum(method != "GET" for method, _, _ in github.requests[before:]) == 1


def test_annotations_go_out_in_batches_and_stand_on_their_lines(github: FakeGitHub, repository: Repository) -> None:
    head = github.store.ref("refs/heads/main")
    findings = [
        Finding(rule="r", severity="warning", path="submissions/a/task.md", line=line, what="a\nb", how="c")
        for line in (None, *range(1, 120))
    ]
    annotate(repository, head, "arena/files", findings, summary="120 warnings")
    (check,) = github.checks
    assert [one["start_line"] for one in check["annotations"]] == [1, *range(1, 120)]
    assert check["annotations"][0]["message"] == "a\\nb\nfix: c"
    assert (check["conclusion"], check["head_sha"]) == ("success", head)
    sent = [body["output"]["annotations"] for method, _, body in github.requests if method in ("POST", "PATCH")]
    assert [len(batch) for batch in sent] == [50, 50, 20]
    annotate(repository, head, "arena/files", [], summary="nothing")
    assert github.checks[1]["annotations"] == []


def test_a_busy_github_is_waited_for_and_nothing_is_said_twice(github: FakeGitHub, repository: Repository) -> None:
    pull = github.open_pull("north", "entry", {"submissions/north/a": b"1"})
    github.fail("GET", "/comments$", 502, times=2)
    github.fail("POST", "/comments$", 403, times=1, Retry_After="0", message="You have exceeded a secondary rate limit")
    say(repository, pull.number, f"{MARKER}\nnews\n")
    assert len(github.comments_on(pull.number)) == 1


def test_a_github_that_stays_down_is_an_error_that_says_so(github: FakeGitHub, repository: Repository) -> None:
    pull = github.open_pull("north", "entry", {"submissions/north/a": b"1"})
    github.fail("POST", "/comments$", 403, times=99, message="Resource not accessible by integration")
    with pytest.raises(GitHubError, match="cannot comment on pull request 1: 403") as caught:
        say(repository, pull.number, f"{MARKER}\nnews\n")
    assert caught.value.status == 403
