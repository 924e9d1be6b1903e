"""Read and write files that only the operator may see."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from posttrain_arena.adapters.git_tree import would_track
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.sealed_suite import SuiteKey


def write_private(path: Path, value: documents.Document) -> None:
    """Write a document that only its owner may read; raises UsageError where it exists or git would track it."""
    require_untracked(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path}: exists: a private file is never overwritten; choose another name") from error
    with os.fdopen(handle, "wb") as file:
        file.write(documents.encode(documents.to_document(value)))
        file.flush()
        os.fsync(file.fileno())


def require_untracked(path: Path) -> None:
    """Raise UsageError where git would track what lies there: private things stay out of repositories."""
    if would_track(path):
        raise UsageError(f"{path}: lies where git would track it: keep it outside of every repository")


def read_key(path: Path) -> SuiteKey:
    """Return the key of a sealed suite; raises UsageError where others may read the file."""
    key = documents.read_document(path, SuiteKey)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UsageError(f"{path}: others may read it: chmod 600 {path}")
    return key
