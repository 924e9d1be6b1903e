"""Ask git what changed in a work tree, and what it calls the folders in it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.spot import shown
from posttrain_arena.errors import ArenaError, UsageError

TIMEOUT_SEC = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTree:
    """``trees`` are the names git has for the folders of the last commit, ``dirty`` what differs from it.

    All paths are relative to ``top``, with forward slashes.
    """

    top: Path
    trees: dict[str, str]
    dirty: frozenset[str]


def read_work_tree(folder: Path) -> WorkTree | None:
    """Return the work tree that a folder lies in, None where there is none or nothing was committed."""
    try:
        top = _git(folder, "rev-parse", "--show-toplevel").removesuffix("\n")
        trees = _git(folder, "ls-tree", "-r", "-d", "-z", "--full-tree", "HEAD")
        return WorkTree(top=Path(top), trees=_trees(trees), dirty=_dirty(folder))
    except (OSError, _RefusedError):
        return None


def changed_since(tree: WorkTree, ref: str) -> frozenset[str]:
    """Return every path that differs between the work tree and where its branch left ``ref``.

    Raises UsageError where ``ref`` names no commit, or one with which the branch has nothing in common.
    """
    try:
        _git(tree.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except _RefusedError as error:
        how = "give a branch, tag or commit that is in this clone"
        raise UsageError(f"--changed-from {shown(ref)}: no such commit: {how}") from error
    try:
        base = _git(tree.top, "merge-base", "--end-of-options", ref, "HEAD").strip()
    except _RefusedError as error:
        how = "fetch the whole history (git fetch --unshallow)"
        raise UsageError(f"--changed-from {shown(ref)}: has no commit in common with HEAD: {how}") from error
    names = _git(tree.top, "diff-tree", "-r", "-z", "--name-only", "--no-renames", base, "HEAD")
    return frozenset(name for name in names.split("\0") if name) | tree.dirty


def _trees(listing: str) -> dict[str, str]:
    rows = (row.partition("\t") for row in listing.split("\0") if row)
    return {path: kind.rpartition(" ")[2] for kind, _, path in rows}


def _dirty(folder: Path) -> frozenset[str]:
    listing = _git(folder, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
    return frozenset(row[3:] for row in listing.split("\0") if row)


class _RefusedError(ArenaError):
    """Git ended with an error."""


def _git(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    done = subprocess.run(
        ["git", "-C", os.fspath(folder), *arguments],
        capture_output=True,
        timeout=TIMEOUT_SEC,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        raise _RefusedError(f"git {arguments[0]}: {shown(done.stderr.decode('utf-8', 'replace'), 300)}")
    return os.fsdecode(done.stdout)
