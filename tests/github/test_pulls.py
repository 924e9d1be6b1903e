"""What the bot reads of a pull request is what it is, whatever its size and whoever else has such a branch."""

from __future__ import annotations

import pytest
from fake_github import FakeGitHub
from github.Repository import Repository

from posttrain_arena.adapters.github.pulls import find_pull, may, read_pull
from posttrain_arena.errors import GitHubError

ENTRY = "submissions/team-north"


def test_a_pull_request_is_read_with_all_that_it_touches(github: FakeGitHub, repository: Repository) -> None:
    github.store.write("main", {"submissions/team-south/submission.yaml": b"x"})
    pull = github.open_pull("north", "entry", {f"{ENTRY}/a": b"1", "README.md": None})
    github.push(pull, {f"{ENTRY}/b, c\n": b"2", f"{ENTRY}/a": b"3"})
    github.store.write("main", {"later.txt": b"on main, after the branch began"})
    read = read_pull(repository, pull.number)
    assert read.paths == ("README.md", f"{ENTRY}/a", f"{ENTRY}/b, c\n")
    assert (read.head, read.author, read.open, read.draft) == (github.head(pull), "north", True, False)
    assert read.entries == (ENTRY,)
    assert read.others == ("README.md",)


def test_more_files_than_github_lists_are_all_seen(github: FakeGitHub, repository: Repository) -> None:
    files: dict[str, bytes | None] = {f"{ENTRY}/envs/e-{number:04}": b"x" for number in range(3100)}
    pull = github.open_pull("north", "entry", {**files, "competition.yaml": b"mine"})
    read = read_pull(repository, pull.number)
    assert len(read.paths) == 3101
    assert read.others == ("competition.yaml",)


def test_a_run_of_a_fork_finds_its_own_pull_request(github: FakeGitHub, repository: Repository) -> None:
    north, south = (github.open_pull(owner, "entry", {f"submissions/{owner}/a": b"1"}) for owner in ("north", "south"))
    first = github.head(south)
    assert find_pull(repository, "main", owner="south", branch="entry", head=first) == south.number
    github.push(south, {"submissions/south/a": b"2"})
    assert find_pull(repository, "main", owner="south", branch="entry", head=first) is None
    north.state = "closed"
    assert find_pull(repository, "main", owner="north", branch="entry", head=github.head(north)) is None


@pytest.mark.parametrize("role", ["admin", "maintain", "write", "triage", "read"])
def test_a_permission_is_the_role_and_not_its_nearest_word(
    github: FakeGitHub, repository: Repository, role: str
) -> None:
    github.permissions["maint"] = role
    assert may(repository, "maint") == role
    github.permissions["maint"] = "none"
    assert may(repository, "maint") == ""


def test_what_is_not_there_is_said(github: FakeGitHub, repository: Repository) -> None:
    with pytest.raises(GitHubError, match="cannot read pull request 9: 404 Not Found") as caught:
        read_pull(repository, 9)
    assert caught.value.status == 404
