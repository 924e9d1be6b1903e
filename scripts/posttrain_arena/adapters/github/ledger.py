"""Keep the ledger of launches on a branch of its own between the runs of the workflows, which forget everything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from github import GithubException, InputGitTreeElement
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.trees import blob_name, tree_files
from posttrain_arena.errors import GitHubError
from posttrain_arena.model import documents

BRANCH = "ledger"

_KEPT = ("*.json", "*/job.json", "*/recipe.json", "*/run.json", "*/results/*/*/*.json", "*/results/*/*/*.jsonl")
"""What of a ledger is kept: documents. Entries lie in their pull requests, weights in the store."""


def pull_ledger(repository: Repository, folder: Path) -> str:
    """Write the branch's documents to ``folder`` and return its commit; empty where there is no such branch yet."""
    with faults_named(f"read the branch {BRANCH}"):
        head = _head(repository)
        if not head:
            return ""
        for path, (_, name) in tree_files(repository, head).items():
            documents.write_bytes(folder / path, base64.b64decode(repository.get_git_blob(name).content))
    return head


def push_ledger(repository: Repository, folder: Path, *, seen: str, message: str) -> str:
    """Commit what changed in ``folder`` since the commit ``seen``; return the branch's commit then.

    Raises GitHubError with the status 409 where somebody else has written meanwhile: read it again and go on from
    there. Looking after launches may be done twice, writing one over another may not.
    """
    with faults_named(f"write the branch {BRANCH}"):
        parent = repository.get_git_commit(seen) if seen else None
        known = tree_files(repository, seen) if seen else {}
        changed = {path: data for path, data in _documents(folder) if known.get(path) != ("100644", blob_name(data))}
        if not changed:
            return seen
        elements = [
            InputGitTreeElement(path, "100644", "blob", content=data.decode()) for path, data in changed.items()
        ]
        tree = repository.create_git_tree(elements, *([parent.tree] if parent else []))
        commit = repository.create_git_commit(message, tree, [parent] if parent else [])
        _move(repository, commit.sha, seen=seen)
    return str(commit.sha)


def _move(repository: Repository, sha: str, *, seen: str) -> None:
    try:
        if not seen:
            repository.create_git_ref(f"refs/heads/{BRANCH}", sha)
            return
        ref = repository.get_git_ref(f"heads/{BRANCH}")
        if ref.object.sha != seen:
            raise GitHubError(f"GitHub: the branch {BRANCH} moved on: run this again", status=409)
        ref.edit(sha, force=False)
    except GithubException as error:
        if error.status in (409, 422):
            raise GitHubError(f"GitHub: the branch {BRANCH} moved on: run this again", status=409) from error
        raise


def _head(repository: Repository) -> str:
    try:
        return str(repository.get_git_ref(f"heads/{BRANCH}").object.sha)
    except GithubException as error:
        if error.status == 404:
            return ""
        raise


def _documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    paths = {path for pattern in _KEPT for path in folder.glob(pattern) if path.is_file()}
    for path in sorted(paths):
        yield path.relative_to(folder).as_posix(), path.read_bytes()
