"""Keep the ledger of launches on a branch of its own between the runs of the workflows, which forget everything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from github import GithubException
from github.Repository import Repository

from posttrain_arena.adapters.github.connection import faults_named
from posttrain_arena.adapters.github.files import BEHIND, make_commit
from posttrain_arena.adapters.github.seal import ENDING, Seal
from posttrain_arena.adapters.github.trees import blob_name, tree_files
from posttrain_arena.errors import GitHubError
from posttrain_arena.model import documents

BRANCH = "ledger"

_KEPT = ("*.json", "*/job.json", "*/recipe.json", "*/run.json", "*/results/*/*/*.json", "*/results/*/*/*.jsonl")
"""What of a ledger is kept: documents. Entries lie in their pull requests, weights in the store."""

_RESULTS = ("*/run.json", "*/results/*")
"""What of them says how good somebody is."""


def pull_ledger(repository: Repository, folder: Path, *, seal: Seal | None = None) -> str:
    """Write the branch's documents to ``folder`` and return its commit; empty where there is no such branch yet.

    Those that are sealed are opened with ``seal`` and left out without.
    """
    with faults_named(f"read the branch {BRANCH}"):
        head = _head(repository)
        if not head:
            return ""
        for path, (_, name) in sorted(tree_files(repository, head).items(), reverse=True):  # what is open comes last
            if path.endswith(ENDING) and seal is None:
                continue
            data = base64.b64decode(repository.get_git_blob(name).content)
            if path.endswith(ENDING) and seal is not None:
                path, data = path.removesuffix(ENDING), seal.opened(data, path.removesuffix(ENDING))
            documents.write_bytes(folder / path, data)
    return head


def push_ledger(
    repository: Repository, folder: Path, *, seen: str, message: str, seal: Seal | None = None, hidden: bool = False
) -> str:
    """Commit what changed in ``folder`` since the commit ``seen``; return the branch's commit then.

    While results are ``hidden`` they are written sealed: the branch is public.
    Raises GitHubError with the status 409 where somebody else has written meanwhile: read it again and go on from
    there. Looking after launches may be done twice, writing one over another may not.
    """
    with faults_named(f"write the branch {BRANCH}"):
        parent = repository.get_git_commit(seen) if seen else None
        known = tree_files(repository, seen) if seen else {}
        wanted = {path: data for path, data in _documents(folder) if known.get(path) != ("100644", blob_name(data))}
        if hidden:
            wanted = dict(_sealed(path, data, seal) for path, data in wanted.items())
        changed = {path: data for path, data in wanted.items() if known.get(path) != ("100644", blob_name(data))}
        if not changed:
            return seen
        sha = make_commit(repository, parent, changed, message)
        _move(repository, sha, seen=seen)
    return sha


def _sealed(path: str, data: bytes, seal: Seal | None) -> tuple[str, bytes]:
    if not any(fnmatchcase(path, pattern) for pattern in _RESULTS):
        return path, data
    if seal is None:
        raise AssertionError("results are hidden with a key")
    return f"{path}{ENDING}", seal.closed(data, path)


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
        if error.status in BEHIND:
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
