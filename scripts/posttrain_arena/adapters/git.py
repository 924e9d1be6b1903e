"""Ask git what changed in a work tree, and what it calls the folders in it."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.errors import ArenaError, UsageError
from posttrain_arena.model.shown import shown

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
    asked = (
        ["rev-parse", "--show-toplevel"],
        ["ls-tree", "-r", "-d", "-z", "--full-tree", "HEAD"],
        ["diff-index", "-z", "--name-only", "--no-renames", "HEAD"],
        ["ls-files", "-z", "--others", "--exclude-standard", "--full-name", ":/"],
    )
    try:
        running = [_start(folder, arguments) for arguments in asked]  # side by side: together they are half the wait
        top, trees, changed, others = [_finish(process) for process in running]
    except (OSError, _RefusedError):
        return None
    dirty = frozenset(name for name in f"{changed}{others}".split("\0") if name)
    return WorkTree(top=Path(top.removesuffix("\n")), trees=_trees(trees), dirty=dirty)


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


def days_of_files(folder: Path) -> dict[str, str]:
    """Return the ISO day (UTC) on which each file of a folder was committed first, by its name.

    Empty where git does not know: outside of a work tree, and in a clone whose history was cut off.
    """
    try:
        if _git(folder, "rev-parse", "--is-shallow-repository").strip() != "false":
            return {}
        log = _git(
            *(folder, "log", "--diff-filter=A", "--no-renames", "--relative", "--name-only", "-z"),
            *("--format=%x01%ct", "--", "."),
        )
    except (OSError, _RefusedError):
        return {}
    days: dict[str, str] = {}
    for commit in log.split("\x01")[1:]:
        seconds, *names = (part.strip() for part in commit.split("\0"))
        moment = datetime.datetime.fromtimestamp(int(seconds), tz=datetime.UTC)
        days |= {name: moment.date().isoformat() for name in names if name and "/" not in name}
    return days


def _trees(listing: str) -> dict[str, str]:
    rows = (row.partition("\t") for row in listing.split("\0") if row)
    return {path: kind.rpartition(" ")[2] for kind, _, path in rows}


class _RefusedError(ArenaError):
    """Git ended with an error."""


def _git(folder: Path, *arguments: str) -> str:
    return _finish(_start(folder, arguments))


def _start(folder: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = ["git", "-C", os.fspath(folder), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def _finish(process: subprocess.Popen[bytes]) -> str:
    try:
        output, said = process.communicate(timeout=TIMEOUT_SEC)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise ArenaError(f"git did not answer within {TIMEOUT_SEC} s") from error
    if process.returncode != 0:
        raise _RefusedError(f"git: {shown(said.decode('utf-8', 'replace'), 300)}")
    return os.fsdecode(output)
