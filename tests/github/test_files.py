"""Results land on the branch once each, whoever else commits there at the same moment."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_github import NAME, FakeGitHub
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import connect
from posttrain_arena.adapters.github.files import commit_files, read_file
from posttrain_arena.errors import GitHubError


def run_file(number: int) -> dict[str, bytes]:
    return {f"leaderboard/runs/run-{number}.json": json.dumps({"run": number, "team": "ü"}).encode()}


def history(github: FakeGitHub) -> list[str]:
    return github.store.git("log", "--format=%s", "refs/heads/main").decode().split("\n")[:-1]


def test_files_are_committed_beside_what_is_there(github: FakeGitHub, repository: Repository) -> None:
    landed = commit_files(repository, "main", run_file(1) | run_file(2), "Add two runs")
    assert landed.made
    assert landed.sha == github.store.ref("refs/heads/main")
    assert read_file(repository, "leaderboard/runs/run-2.json", at="main") == run_file(2)["leaderboard/runs/run-2.json"]
    assert read_file(repository, "README.md", at="main") == b"# Arena\n"
    assert read_file(repository, "leaderboard/runs/run-3.json", at="main") is None


def test_what_is_there_is_not_committed_again(github: FakeGitHub, repository: Repository) -> None:
    first = commit_files(repository, "main", run_file(1), "Add a run")
    again = commit_files(repository, "main", run_file(1), "Add a run")
    assert (again.sha, again.made) == (first.sha, False)
    more = commit_files(repository, "main", run_file(1) | run_file(2), "Add another")
    assert more.made
    assert history(github) == ["Add another", "Add a run", "change"]


def test_a_result_is_never_overwritten(github: FakeGitHub, repository: Repository) -> None:
    commit_files(repository, "main", run_file(1), "Add a run")
    with pytest.raises(GitHubError, match="never overwritten"):
        commit_files(repository, "main", {"leaderboard/runs/run-1.json": b"{}"}, "Forge it")
    assert len(history(github)) == 2


def test_eight_committers_at_once_land_eight(github: FakeGitHub) -> None:
    def commit(number: int) -> bool:
        own = connect("token", github.url).get_repo(NAME)
        return commit_files(own, "main", run_file(number), f"Add run {number}").made

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(commit, range(8)))
    assert sorted(history(github)) == sorted([*(f"Add run {number}" for number in range(8)), "change"])


def test_a_large_file_and_one_that_goes_are_committed_and_read(github: FakeGitHub, repository: Repository) -> None:
    large = {"leaderboard/runs/large.json": b'"' + b"x" * (1 << 20) + b'"'}
    commit_files(repository, "main", {**run_file(1), **large}, "Add two runs")
    assert not commit_files(repository, "main", large, "Add it again").made
    changes = {"leaderboard/runs/run-1.json": None, "leaderboard/runs/never-there.json": None}
    assert commit_files(repository, "main", changes, "Take one away").made
    assert not commit_files(repository, "main", changes, "Take one away").made
    listed = github.store.git("ls-tree", "-r", "--name-only", "refs/heads/main", "leaderboard/").decode().split()
    assert listed == ["leaderboard/runs/large.json"]


def test_a_branch_that_always_moves_is_given_up(github: FakeGitHub, repository: Repository) -> None:
    waited: list[float] = []
    github.fail("PATCH", "/git/refs/heads/main$", 422, times=99, message="Update is not a fast forward")
    with pytest.raises(GitHubError, match="moved on 12 times"):
        commit_files(repository, "main", run_file(1), "Add a run", wait=waited.append)
    assert len(waited) == 12
    assert max(waited) < 0.2 * 32


@pytest.mark.parametrize("step", ["git/ref/heads", "git/trees", "git/commits", "git/refs/heads"])
def test_a_committer_that_died_at_any_step_is_run_again_to_the_same_end(
    github: FakeGitHub, repository: Repository, step: str
) -> None:
    for method in ("GET", "POST", "PATCH"):
        github.fail(method, f"/{step}", 401, times=1)
    with pytest.raises(GitHubError):
        commit_files(repository, "main", run_file(1), "Add a run")
    github.failures.clear()
    assert commit_files(repository, "main", run_file(1), "Add a run").made
    assert history(github) == ["Add a run", "change"]
