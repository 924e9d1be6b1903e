"""Read which files a commit has, by the names that git gives to their bytes."""

from __future__ import annotations

import hashlib

from github.Repository import Repository

from posttrain_arena.errors import GitHubError

File = tuple[str, str]
"""The mode and the name of the bytes: 100644, 100755, or 120000 for a link and 160000 for a submodule."""


def tree_files(repository: Repository, sha: str) -> dict[str, File]:
    """Return all files of a commit by path; raises GitHubError where GitHub does not list them all."""
    tree = repository.get_git_tree(sha, recursive=True)
    if tree.raw_data.get("truncated"):
        raise GitHubError(f"GitHub: the tree {tree.sha} is too large to be read at once", status=200)
    return {item.path: (item.mode, item.sha) for item in tree.tree if item.type != "tree"}


def blob_name(data: bytes) -> str:
    """Return the name that git gives these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
