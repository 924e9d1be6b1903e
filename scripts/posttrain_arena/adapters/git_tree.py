"""Copy a folder out of a commit: the very bytes of its files, whatever git's attributes would make of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from posttrain_arena.adapters.safe_files import Unpacked
from posttrain_arena.errors import UsageError
from posttrain_arena.model.shown import shown

TIMEOUT_SEC = 600
_FILES = {"100644": False, "100755": True}
"""Git's modes of plain files, and whether they are executable; links are 120000, submodules 160000."""


def copy_tree(repository: Path, ref: str, folder: str, out: Unpacked) -> str:
    """Write the files of ``folder`` at ``ref`` and return the commit; raises UsageError for what is not there."""
    where = f"{shown(repository, 1000)}@{shown(ref)}"
    commit = _asked(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise UsageError(f"{where}: no such commit: give a branch, tag or commit of that repository")
    name = commit.decode().strip()
    listing = _asked(repository, "ls-tree", "-r", "-z", "--full-tree", f"{name}:{folder.strip('/')}")
    if listing is None:
        raise UsageError(f"{where}: has no folder {shown(folder)!r}")
    for row in filter(None, listing.split(b"\0")):
        head, _, path = row.partition(b"\t")
        mode, _, blob = head.decode().split(" ")
        if mode not in _FILES:
            raise UsageError(f"{where}: {shown(os.fsdecode(path))} is a link or a submodule: put plain files there")
        data = _asked(repository, "cat-file", "blob", blob)
        if data is None:
            raise UsageError(f"{where}: {shown(os.fsdecode(path))} is not in this clone: fetch all of it")
        out.add(os.fsdecode(path), [data], executable=_FILES[mode])
    return name


def would_track(path: Path) -> bool:
    """Say whether a file lies where git would track it: in a work tree (or a repository) that does not ignore it."""
    folder = next(folder for folder in path.absolute().parents if folder.is_dir())
    if not any((above / ".git").exists() for above in (folder.resolve(), *folder.resolve().parents)):
        return False
    return _asked(folder, "check-ignore", "--quiet", "--", os.fspath(path.absolute())) is None


def _asked(folder: Path, *arguments: str) -> bytes | None:
    """Return what git says, None where it ends with an error or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", os.fspath(folder), *arguments],
            capture_output=True,
            timeout=TIMEOUT_SEC,
            check=False,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
