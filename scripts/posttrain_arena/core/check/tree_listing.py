"""What lies in a package's folder, without opening a file or following a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from posttrain_arena.core.check.file_names import clashes, wrong_with
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.shown import shown

Kind = Literal["file", "folder", "link", "special"]

MAX_FILE_BYTES = 50_000_000
"""Greater files belong into the image, built by the Dockerfile; git hosting warns at 50 MB as well."""

MAX_TOTAL_BYTES = 200_000_000
"""All files together; every one of them is hashed, fetched and carried into containers."""

MAX_ENTRIES = 5_000
_COPY_IN = "remove the link; copy in the files that the task needs"
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in the folder."""

    kind: Kind
    size: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Entries by path relative to the package, in a fixed order; ``problems`` is what must not be there."""

    entries: dict[str, Entry]
    problems: tuple[Problem, ...]

    def is_file(self, path: str) -> bool:
        """Say whether ``path`` is a regular file."""
        entry = self.entries.get(path)
        return entry is not None and entry.kind == "file"

    def files(self, under: str = "") -> Iterator[str]:
        """Yield the regular files whose path starts with ``under``."""
        return (path for path, entry in self.entries.items() if entry.kind == "file" and path.startswith(under))


def list_package(root: Path) -> Listing:
    """List everything below ``root``, links not followed; stops at MAX_ENTRIES entries."""
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    top = os.fspath(root)
    waiting = [""]
    while waiting and len(entries) <= MAX_ENTRIES:
        folder = waiting.pop()
        try:
            names = sorted(os.listdir(f"{top}/{folder}"))[: MAX_ENTRIES + 1]
        except OSError as error:
            what = f"the folder cannot be read: {error.strerror}"
            problems.append(_problem("file-unreadable", folder or ".", what, "make it readable"))
            continue
        for name in names:
            path = folder + name
            entry = _entry(f"{top}/{path}")
            if entry is None:
                how = "check again when nothing writes to the folder"
                problems.append(_problem("file-unreadable", path, "vanished while the folder was read", how))
                continue
            entries[path] = entry
            problems += _problems_of(top, path, entry)
            if entry.kind == "folder" and path.count("/") < MAX_DEPTH - 1:
                waiting.append(f"{path}/")
    problems += _too_much(entries)
    for path, other, difference in clashes(entries):
        what = f"the name differs from {shown(other)!r} in {difference} alone"
        how = "rename one of them: many file systems keep only one of the two"
        problems.append(_problem("name-clash", path, what, how))
    return Listing(entries=dict(sorted(entries.items())), problems=tuple(problems))


def _entry(path: str) -> Entry | None:
    try:
        status = os.lstat(path)
    except OSError:  # it vanished, or its name cannot be used
        return None
    return Entry(kind=_kind(status.st_mode), size=status.st_size, mode=status.st_mode)


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "special"


def _problems_of(top: str, path: str, entry: Entry) -> Iterator[Problem]:
    if entry.kind == "link":
        yield _problem("file-kind", path, *_link(top, path))
    if entry.kind == "special":
        yield _problem("file-kind", path, f"{_special(entry.mode)}, not a file", "remove it")
    if entry.kind == "file" and entry.size > MAX_FILE_BYTES:
        what = f"{entry.size / 1e6:.0f} MB, more than {MAX_FILE_BYTES / 1e6:.0f} MB"
        yield _problem("file-too-large", path, what, "make it smaller, or produce it in environment/Dockerfile")
    name = path.rpartition("/")[2]
    if wrong := wrong_with(name):
        what = f"the name {shown(repr(name))} {wrong}"
        yield _problem("file-name", path, what, "use letters, digits, '.', '_' and '-' in names")


def _link(top: str, path: str) -> tuple[str, str]:
    """Return what is wrong with a link and how to mend it; its target is looked at, never opened."""
    try:
        target = os.readlink(f"{top}/{path}")
    except OSError:
        return "a symbolic link", "put a copy of the file here instead of the link"
    there = os.path.normpath(os.path.join(os.path.dirname(path), target))
    what = f"a symbolic link to {shown(target)!r}"
    if os.path.isabs(target):
        return f"{what}, an absolute path outside the package", _COPY_IN
    if there.split("/")[0] == "..":
        return f"{what}, which leaves the package", _COPY_IN
    entry = _entry(f"{top}/{there}")
    if entry is None:
        return f"{what}, where nothing is", "put the file that is meant here, or remove the link"
    noun = "folder" if entry.kind == "folder" else "file"
    return f"{what}, a {noun} of the package", f"put a copy of the {noun} here instead of the link"


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _too_much(entries: dict[str, Entry]) -> Iterator[Problem]:
    if len(entries) > MAX_ENTRIES:
        what = f"more than {MAX_ENTRIES} files and folders"
        yield _problem("file-count", ".", what, "pack the data into one file, or produce it in the Dockerfile")
    total = sum(entry.size for entry in entries.values() if entry.kind == "file" and entry.size <= MAX_FILE_BYTES)
    if total > MAX_TOTAL_BYTES:
        what = f"{total / 1e6:.0f} MB in all, more than {MAX_TOTAL_BYTES / 1e6:.0f} MB"
        how = "make the data smaller, or produce it in environment/Dockerfile"
        yield _problem("package-too-large", ".", what, how)
    deep = next((path for path in entries if path.count("/") >= MAX_DEPTH - 1 and entries[path].kind == "folder"), None)
    if deep is not None:
        yield _problem("file-count", deep, f"folders nested more than {MAX_DEPTH} deep", "flatten the folders")


def _problem(rule: str, path: str, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=path, what=what, how=how))
