"""Read pull requests: what they are now, and everything that they touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.trees import File, tree_files
from posttrain_arena.core.contest.pull_request import PullRequest, entry_of


def read_pull(repository: Repository, number: int) -> PullRequest:
    """Return a pull request as it is now, with all that differs between its head and where it left its base.

    From whole trees: GitHub's list of a pull request's files ends at 3000, and an entry may have more.
    """
    with faults_named(f"read pull request {number}"):
        pull = repository.get_pull(number)
        base = repository.get_git_ref(f"heads/{pull.base.ref}").object.sha
        fork = repository.compare(base, pull.head.sha).merge_base_commit.sha
        began, head = tree_files(repository, fork), tree_files(repository, pull.head.sha)
        paths = _differing(began, head)
        entries, left = _entries(paths), _entries(head)
        moved = _entries(_differing(began, tree_files(repository, base))) if base != fork else set()
        return PullRequest(
            number=number,
            head=pull.head.sha,
            base=pull.base.ref,
            author=pull.user.login,
            open=pull.state == "open",
            draft=bool(pull.draft),
            labels=tuple(label.name for label in pull.labels),
            paths=paths,
            removed=tuple(sorted(entries - left)),
            behind=tuple(sorted(entries & moved)),
        )


def find_pull(repository: Repository, base: str, *, owner: str, branch: str, head: str) -> int | None:
    """Return the number of the open pull request to ``base`` whose head is this commit of ``owner``'s branch.

    A ``workflow_run`` event names no pull request where it is from a fork. One to another branch is judged by the
    checker of that branch, and nothing is said of it.
    """
    with faults_named(f"find the pull request of {owner}:{branch}"):
        for pull in repository.get_pulls(state="open", head=f"{owner}:{branch}", base=base):
            if pull.head.sha == head:
                return int(pull.number)
    return None


def may(repository: Repository, login: str) -> str:
    """Return somebody's permission: admin, maintain, write, triage, read, or empty."""
    with faults_named(f"read the permission of {login}"):
        role = repository.get_collaborator_role_name(login)
    return "" if role == "none" else role


def _differing(before: Mapping[str, File], after: Mapping[str, File]) -> tuple[str, ...]:
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))


def _entries(paths: Iterable[str]) -> set[str]:
    return {entry for path in paths if (entry := entry_of(path))}
