"""Carry a stage's small documents home through its log, which every machine that launches can read.

What an entry's author wrote can get into the same log (the end of a build that failed). So the log opens, before any of
it, with a mark that nobody can foretell, and only lines with that mark count.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping

import msgspec

from posttrain_arena.errors import ArenaError

_CHUNK = 3000
"""Characters a line: terminals and log shippers cut much longer ones."""

MAX_BYTES = 64 << 20
"""What a log unpacks to at most."""

_OPENING = re.compile(r"arena-results-are-marked ([0-9a-f]{32})\b")
_LINE = re.compile(r"arena-result ([0-9a-f]{32}) (\d{1,5})/(\d{1,5}) ([0-9a-f]{16}) ([A-Za-z0-9+/=]+)")
_PATH = re.compile(r"[a-z0-9-]+/[a-z-]+\.(json|jsonl)")


def opening(mark: str) -> str:
    """Return the log line that says which mark, 32 hexadecimal digits, the lines of ``pack`` have."""
    return f"arena-results-are-marked {mark}"


def pack(files: Mapping[str, str], mark: str) -> Iterator[str]:
    """Yield the log lines that carry ``files``, texts by their paths."""
    data = zlib.compress(json.dumps(dict(files), sort_keys=True).encode(), level=9)
    text, name = base64.b64encode(data).decode(), hashlib.sha256(data).hexdigest()[:16]
    chunks = [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
    for number, chunk in enumerate(chunks, start=1):
        yield f"arena-result {mark} {number}/{len(chunks)} {name} {chunk}"


def unpack(log: str) -> dict[str, str]:
    """Return the files of the last whole package in a log that has the log's first mark, none where there is none.

    Raises ArenaError for a package that is damaged, too large, or has a path that no stage writes.
    """
    packages: dict[tuple[str, int], dict[int, str]] = {}
    whole: str | None = None
    first = _OPENING.search(log)
    for line in _LINE.finditer(log):
        if first is None or line[1] != first[1]:
            continue
        number, total, name, chunk = int(line[2]), int(line[3]), line[4], line[5]
        parts = packages.setdefault((name, total), {})
        parts[number] = chunk
        if sorted(parts) == list(range(1, total + 1)):
            whole = _checked("".join(parts[number] for number in sorted(parts)), name)
    if whole is None:
        return {}
    try:
        files = msgspec.json.decode(whole, type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise ArenaError(f"the log of a stage carries no texts by path: {error}") from error
    for path in files:
        if not _PATH.fullmatch(path):
            raise ArenaError(f"the log of a stage has a file at {path!r}, where no stage writes one")
    return files


def _checked(text: str, name: str) -> str:
    try:
        return _unpacked(base64.b64decode(text), name)
    except (ValueError, zlib.error) as error:
        raise ArenaError(f"the log of a stage is damaged: {error}") from error


def _unpacked(data: bytes, name: str) -> str:
    if hashlib.sha256(data).hexdigest()[:16] != name:
        raise ArenaError("the log of a stage is damaged: its files are not those that the stage sent")
    unpacking = zlib.decompressobj()
    found = unpacking.decompress(data, MAX_BYTES)
    if unpacking.unconsumed_tail:
        raise ArenaError(f"the log of a stage carries more than {MAX_BYTES >> 20} MB")
    return found.decode()
