"""Read a contributor's text file: bounded, never blocking, never through a link."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from functools import lru_cache
from io import BufferedReader, FileIO
from pathlib import Path

from posttrain_arena.core.check.secret_text import masked
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.shown import shown

MAX_TEXT_BYTES = 1_000_000
"""A task.md, script or Dockerfile of a megabyte is not one; longer files are not read as text."""


STARTS_WITH_MARK = "starts with a byte order mark"
"""The one thing that is wrong with a text's encoding and keeps nobody from reading on."""


def open_file(path: str | Path) -> FileIO:
    """Open a regular file to read; raises OSError for anything else, a link included."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    file = FileIO(handle)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def read_bytes(path: Path, limit: int) -> bytes:
    """Return at most ``limit`` bytes of a regular file; raises OSError for anything else."""
    with BufferedReader(open_file(path)) as file:
        return file.read(limit)


def read_text(folder: Path, name: str) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of ``folder/name`` with LF line ends, and what is wrong with it; "" where it has no text."""
    try:
        data = read_bytes(folder / name, MAX_TEXT_BYTES + 1)
    except OSError as error:
        return "", (
            _problem(
                "file-unreadable",
                name,
                None,
                f"cannot be read: {shown(error.strerror or error)}",
                "make it a readable file",
            ),
        )
    if len(data) > MAX_TEXT_BYTES:
        what = f"more than {MAX_TEXT_BYTES // 1000} kB of text"
        return "", (_problem("text-encoding", name, None, what, "shorten it; put data into files of its own"),)
    return decode_text(data, name)


def line_reader() -> Callable[[str, int], str | None]:
    """Return a function that gives a line of a file without its end, secrets hidden; None where none can be read.

    It remembers the last file, since findings come sorted by file: make one for each report.
    """
    lines_of = lru_cache(maxsize=1)(_lines_of)

    def source_line(path: str, line: int) -> str | None:
        text = lines_of(path)
        return masked(text[line - 1]) if 0 < line <= len(text) else None

    return source_line


def _lines_of(path: str) -> list[str]:
    try:
        return read_bytes(Path(path), MAX_TEXT_BYTES).decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    except (OSError, ValueError):
        return []


def decode_text(data: bytes, name: str) -> tuple[str, tuple[Problem, ...]]:
    """Return bytes as text with LF line ends, and what is wrong with them; "" where they are no text."""
    problems: list[Problem] = []
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        problems.append(_problem("text-encoding", name, 1, STARTS_WITH_MARK, "save it as UTF-8 without BOM"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", (_problem("text-encoding", name, line, "is not UTF-8 text", "save the file as UTF-8"),)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return "", (_problem("text-encoding", name, line, "holds a NUL byte", "remove it: this is a text file"),)
    if "\r\n" in text and name.endswith(".sh"):
        line = text.count("\n", 0, text.index("\r\n")) + 1
        problems.append(Problem(rule="line-endings", spot=windows_lines(name, line)))
    return text.replace("\r\n", "\n"), tuple(problems)


def windows_lines(name: str, line: int) -> Spot:
    """Return the spot of the first line of a script that ends with CR and LF."""
    what = "ends its lines the Windows way (CRLF): the shell takes the CR for part of the last word"
    return Spot(path=name, line=line, what=what, how="save it with LF line ends: sed -i 's/\\r$//' does it")


def _problem(rule: str, name: str, line: int | None, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=name, line=line, what=what, how=how))
