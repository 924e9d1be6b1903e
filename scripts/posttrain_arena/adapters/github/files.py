"""Commit files to a branch through the API, beside whoever else commits there at the same moment."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from github import GithubException, InputGitTreeElement
from github.GitCommit import GitCommit
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.errors import GitHubError, TakenError

ATTEMPTS = 12
"""Eight committers at once need at most eight; the rest is for those that come later."""

BEHIND = (409, 422)
"""How GitHub says that the branch moved on since it was read."""

Changes = Mapping[str, bytes | None]
"""What files shall hold, by path; None where there shall be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What landed: the commit that has the files, and whether it was made now or had them already."""

    sha: str
    made: bool


def commit_files(
    repository: Repository,
    branch: str,
    files: Changes,
    message: str,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Commit:
    """Have files on a branch in one commit. Where all is so already nothing is done, so it may be run again.

    Raises TakenError where a file is there with other content: results are never overwritten.
    """
    for attempt in range(ATTEMPTS):
        with faults_named(f"commit {len(files)} files to {branch}"):
            landed = _try(repository, branch, files, message)
        if landed is not None:
            return landed
        wait(random.uniform(0, 0.2 * 2 ** min(attempt, 5)))  # noqa: S311 (not for secrets)
    raise GitHubError(f"GitHub: {branch} moved on {ATTEMPTS} times while {', '.join(files)} was committed", status=409)


def make_commit(repository: Repository, parent: GitCommit | None, changes: Changes, message: str) -> str:
    """Return a new commit of files on top of ``parent``, or of nothing else; no branch has it yet."""
    elements = [
        InputGitTreeElement(path, "100644", "blob", sha=None)
        if data is None
        else InputGitTreeElement(path, "100644", "blob", content=data.decode("utf-8"))
        for path, data in sorted(changes.items())
    ]
    tree = repository.create_git_tree(elements, *([parent.tree] if parent else []))
    return str(repository.create_git_commit(message, tree, [parent] if parent else []).sha)


def _try(repository: Repository, branch: str, files: Changes, message: str) -> Commit | None:
    ref = repository.get_git_ref(f"heads/{branch}")
    parent = repository.get_git_commit(ref.object.sha)
    new = {path: data for path, data in files.items() if not _has(repository, path, data, at=parent.sha)}
    if not new:
        return Commit(sha=parent.sha, made=False)
    sha = make_commit(repository, parent, new, message)
    try:
        ref.edit(sha, force=False)
    except GithubException as error:
        if error.status in BEHIND:
            return None
        raise
    return Commit(sha=sha, made=True)


def _has(repository: Repository, path: str, data: bytes | None, *, at: str) -> bool:
    found = read_file(repository, path, at=at)
    if None not in (found, data) and found != data:
        raise TakenError(f"GitHub: {path} is there with other content: results are never overwritten")
    return found == data


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
    if content.encoding != "base64":  # over one megabyte it comes without its bytes
        return base64.b64decode(repository.get_git_blob(content.sha).content)
    return bytes(content.decoded_content)
