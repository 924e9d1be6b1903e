"""Remember what was found in a package, so that an unchanged one need not be read again.

What is remembered counts only for the same checker and the same rules of the competition, and for a package whose every
file and folder has the size, the times, the inode and the mode that it had.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from posttrain_arena.core.check.judged import Judged

SETTLED_NS = 1_000_000_000
"""A package that changed less than this before it was looked at may change again within one tick of the file system's
clock, and is not remembered."""

MAX_ROWS = 20_000
MAX_MEMORIES = 16
"""Folders that are remembered, the latest."""

MAX_STAMPED = 20_000
"""Files and folders of one package; one with more is never remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is remembered of one package; ``tree`` is the name that git has for its content, "" if it is not known."""

    stamp: bytes
    tree: str
    judged: Judged


@dataclass(slots=True, kw_only=True)
class Memory:
    """Rows by the package's path relative to the root, as bytes."""

    version: str
    rows: dict[bytes, Row] = field(default_factory=dict)
    twins: tuple[bytes, dict[bytes, list[str]]] | None = None


def recall(path: Path, *, version: str) -> Memory:
    """Return what lies at ``path``, or nothing where it is missing, damaged or of another version."""
    try:
        memory = msgspec.msgpack.decode(path.read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError):
        return Memory(version=version)
    return memory if memory.version == version else Memory(version=version)


def keep(path: Path, memory: Memory) -> None:
    """Write the memory to ``path`` as a whole; a place that cannot be written to is no fault."""
    rows = dict(list(memory.rows.items())[-MAX_ROWS:])
    content = msgspec.msgpack.encode(Memory(version=memory.version, rows=rows, twins=memory.twins))
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
        for old in sorted(path.parent.iterdir(), key=lambda file: file.stat().st_mtime)[:-MAX_MEMORIES]:
            old.unlink()
    except OSError:
        with suppress(OSError):
            temporary.unlink()


def version_of(folders: Iterable[Path]) -> str:
    """Return a digest of everything that a finding depends on beside the package: every file in the folders."""
    digest = hashlib.sha256()
    for folder in folders:
        files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
        for file in files:
            if file.suffix != ".pyc":
                digest.update(f"{file.relative_to(folder)}\n".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def stamp_of(package: Path, *, now_ns: int) -> bytes | None:
    """Return a digest of the state of every file and folder in a package, None where it must not be relied on."""
    if os.path.islink(package):
        return None
    digest = hashlib.blake2b(digest_size=16)
    newest, count, waiting = 0, 0, [os.fspath(package)]
    try:
        while waiting:
            folder = waiting.pop()
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                status = entry.stat(follow_symlinks=False)
                changed, touched = status.st_mtime_ns, status.st_ctime_ns
                state = (entry.name, status.st_mode, status.st_size, status.st_ino, changed, touched)
                digest.update(b"%a" % (state,))
                newest, count = max(newest, changed, touched), count + 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
            if count > MAX_STAMPED:
                return None
    except OSError:
        return None
    return digest.digest() if newest < now_ns - SETTLED_NS else None
