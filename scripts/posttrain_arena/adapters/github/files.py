"""Commit files to a branch through the API, beside whoever else commits there at the same moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from github import GithubException, InputGitTreeElement
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.errors import GitHubError

ATTEMPTS = 12
"""Eight committers at once need at most eight; the rest is for those that come later."""

_BEHIND = (409, 422)
"""How GitHub says that the branch moved on since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What landed: the commit that has the files, and whether it was made now or had them already."""

    sha: str
    made: bool


def commit_files(
    repository: Repository,
    branch: str,
    files: Mapping[str, bytes],
    message: str,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Commit:
    """Have files on a branch in one commit. Where they are there already nothing is done, so it may be run again.

    Raises GitHubError where a file is there with other content: results are never overwritten.
    """
    for attempt in range(ATTEMPTS):
        with faults_named(f"commit {len(files)} files to {branch}"):
            landed = _try(repository, branch, files, message)
        if landed is not None:
            return landed
        wait(random.uniform(0, 0.2 * 2 ** min(attempt, 5)))  # noqa: S311 (not for secrets)
    raise GitHubError(f"GitHub: {branch} moved on {ATTEMPTS} times while {', '.join(files)} was committed", status=409)


def _try(repository: Repository, branch: str, files: Mapping[str, bytes], message: str) -> Commit | None:
    ref = repository.get_git_ref(f"heads/{branch}")
    parent = repository.get_git_commit(ref.object.sha)
    new = {path: data for path, data in files.items() if not _has(repository, path, data, at=parent.sha)}
    if not new:
        return Commit(sha=parent.sha, made=False)
    elements = [
        InputGitTreeElement(path, "100644", "blob", content=data.decode("utf-8")) for path, data in sorted(new.items())
    ]
    tree = repository.create_git_tree(elements, parent.tree)
    commit = repository.create_git_commit(message, tree, [parent])
    try:
        ref.edit(commit.sha, force=False)
    except GithubException as error:
        if error.status in _BEHIND:
            return None
        raise
    return Commit(sha=commit.sha, made=True)


def _has(repository: Repository, path: str, data: bytes, *, at: str) -> bool:
    found = read_file(repository, path, at=at)
    if found is not None and found != data:
        raise GitHubError(f"GitHub: {path} is there with other content: results are never overwritten", status=409)
    return found is not None


def read_file(repository: Repository, path: str, *, at: str) -> bytes | None:
    """Return a file of a commit or branch; None where it has none."""
    try:
        content = repository.get_contents(path, ref=at)
    except GithubException as error:
        if error.status == 404:
            return None
        raise
    if isinstance(content, list):
        raise GitHubError(f"GitHub: {path} is a folder", status=200)
    return bytes(content.decoded_content)
