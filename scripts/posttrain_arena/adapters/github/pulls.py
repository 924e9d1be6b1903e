"""Read pull requests: what they are now, and everything that they touch."""

from __future__ import annotations

from github.GitTree import GitTree
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.core.contest.pull_request import PullRequest, entry_of
from posttrain_arena.errors import GitHubError


def read_pull(repository: Repository, number: int) -> PullRequest:
    """Return a pull request as it is now."""
    with faults_named(f"read pull request {number}"):
        pull = repository.get_pull(number)
        paths, left = _touched(repository, pull.base.sha, pull.head.sha)
        return PullRequest(
            number=number,
            head=pull.head.sha,
            author=pull.user.login,
            open=pull.state == "open",
            draft=bool(pull.draft),
            labels=tuple(label.name for label in pull.labels),
            paths=paths,
            removed=tuple(sorted({entry for path in paths if (entry := entry_of(path))} - left)),
        )


def find_pull(repository: Repository, *, owner: str, branch: str, head: str) -> int | None:
    """Return the number of the open pull request whose head is this commit of ``owner``'s branch.

    A ``workflow_run`` event names no pull request where it is from a fork.
    """
    with faults_named(f"find the pull request of {owner}:{branch}"):
        for pull in repository.get_pulls(state="open", head=f"{owner}:{branch}"):
            if pull.head.sha == head:
                return int(pull.number)
    return None


def may(repository: Repository, login: str) -> str:
    """Return somebody's permission: admin, maintain, write, triage, read, or empty."""
    with faults_named(f"read the permission of {login}"):
        role = repository.get_collaborator_role_name(login)
    return "" if role == "none" else role


def _touched(repository: Repository, base: str, head: str) -> tuple[tuple[str, ...], set[str]]:
    """Return every path that differs between a head and the commit where it left its base, and the head's entries.

    From whole trees: GitHub's list of a pull request's files ends at 3000, and an entry may have more.
    """
    fork = repository.compare(base, head).merge_base_commit.sha
    before, after = (_files(repository.get_git_tree(sha, recursive=True)) for sha in (fork, head))
    touched = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return tuple(touched), {entry for path in after if (entry := entry_of(path))}


def _files(tree: GitTree) -> dict[str, tuple[str, str]]:
    if tree.raw_data.get("truncated"):
        raise GitHubError(f"GitHub: the tree {tree.sha} is too large to be read at once", status=200)
    return {item.path: (item.mode, item.sha) for item in tree.tree if item.type != "tree"}
