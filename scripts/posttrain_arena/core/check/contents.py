"""Read every file of a package once: what is judged and what the digest covers are the same bytes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.core.check.text_file import MAX_TEXT_BYTES, open_file
from posttrain_arena.core.check.tree_listing import Listing
from posttrain_arena.model.shown import shown
from posttrain_arena.model.tree import Row, digest_of

MAX_KEPT_BYTES = 4_000_000
"""Files are kept for the rules up to here per package; what is over it is read again each time."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """``digest`` is that of the whole package; ``hashes`` are SHA-256 by path, ``kept`` whole small files."""

    digest: str | None
    hashes: dict[str, str]
    kept: dict[str, bytes]
    problems: tuple[Problem, ...] = ()


NOTHING = Contents(digest=None, hashes={}, kept={})


def read_contents(root: Path, listing: Listing) -> Contents:
    """Read the files of a listing; one that cannot be read as it was listed is a problem, and there is no digest."""
    rows: list[Row] = []
    kept: dict[str, bytes] = {}
    problems: list[Problem] = []
    room = MAX_KEPT_BYTES
    folder = os.fspath(root)
    for name in listing.files():
        try:
            row, data = _read(f"{folder}/{name}", name, listing.entries[name].size)
        except OSError as error:
            what = f"cannot be read: {shown(error.strerror or error)}"
            problems.append(_problem(name, what, "make it a readable file"))
            continue
        rows.append(row)
        if row.size != listing.entries[name].size:
            problems.append(_problem(name, "changed while it was read", "check again when nothing writes to it"))
        if len(data) == row.size <= min(MAX_TEXT_BYTES, room):
            kept[name] = data
            room -= row.size
    digest = None if problems else digest_of(rows)
    hashes = {row.path: row.sha256 for row in rows}
    return Contents(digest=digest, hashes=hashes, kept=kept, problems=tuple(problems))


def _read(path: str, name: str, expected: int) -> tuple[Row, bytes]:
    """Return a file's row and its bytes, of a long file the last of them; buffers are of the size that is expected."""
    chunk = min(expected + 1, _CHUNK)
    with open_file(path) as file:
        data = file.read(chunk)
        size, sha256 = len(data), hashlib.sha256(data)
        while len(data) == chunk:
            data = file.read(chunk)
            size += len(data)
            sha256.update(data)
        mode = os.fstat(file.fileno()).st_mode
    return Row(path=name, executable=bool(mode & 0o111), size=size, sha256=sha256.hexdigest()), data


def _problem(name: str, what: str, how: str) -> Problem:
    return Problem(rule="file-unreadable", spot=Spot(path=name, what=what, how=how))
