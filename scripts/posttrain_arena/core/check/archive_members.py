"""List what a zip or tar archive says that it holds: bounded, nothing is unpacked to disk."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

from posttrain_arena.core.check.text_file import open_file

MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 64_000_000
"""Of a compressed tar no more than this is looked at."""

_MAX_NAME_BYTES = 65_536
_BLOCK = 512
_STEP = 1 << 18
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_ZIP_LOCAL_BYTES = 30
_TYPE_BITS, _LINK_MODE = 0o170000, 0o120000
_GZIP, _BZIP2, _XZ = (".tar.gz", ".tgz"), (".tar.bz2", ".tbz2", ".tbz"), (".tar.xz", ".txz")
TARS = (".tar", *_GZIP, *_BZIP2, *_XZ)


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member as the archive names it; ``link`` is the target of a link, "" for anything else."""

    name: str
    size: int
    link: str = ""


def members(path: Path) -> Iterator[Member]:
    """Yield the first members of an archive; raises OSError, ValueError or EOFError where it is none."""
    name = path.name.lower()
    with open_file(path) as file:
        if name.endswith(".zip"):
            yield from _zip_members(file)
        elif name.endswith(_XZ):
            yield from _xz_members(file)
        else:
            yield from _tar_members(_opened(file, name))


def _opened(file: FileIO, name: str) -> _Reader:
    # loaded here: few packages have archives, and each of these costs a millisecond
    if name.endswith(_GZIP):
        import gzip

        return gzip.GzipFile(fileobj=file)
    if name.endswith(_BZIP2):
        import bz2

        return bz2.BZ2File(file)
    return file


def _xz_members(file: FileIO) -> Iterator[Member]:
    import lzma

    try:
        with lzma.LZMAFile(file) as unpacked:
            yield from _tar_members(unpacked)
    except lzma.LZMAError as error:
        raise ValueError(str(error)) from error


def _zip_members(file: FileIO) -> Iterator[Member]:
    size = file.seek(0, os.SEEK_END)
    tail = _read_at(file, max(0, size - _MAX_NAME_BYTES - _ZIP_END.size), _MAX_NAME_BYTES + _ZIP_END.size)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + _ZIP_END.size:
        raise ValueError("no zip archive")
    _, _, _, _, count, _, at, _ = _ZIP_END.unpack_from(tail, end)
    for _ in range(min(count, MAX_MEMBERS)):
        entry = _read_at(file, at, _ZIP_ENTRY.size)
        if len(entry) < _ZIP_ENTRY.size or entry[:4] != b"PK\x01\x02":
            raise ValueError("a broken zip archive")
        fields = _ZIP_ENTRY.unpack(entry)
        name = file.read(fields[12]).decode("utf-8", "replace")
        at += _ZIP_ENTRY.size + fields[12] + fields[13] + fields[14]
        is_link = (fields[17] >> 16) & _TYPE_BITS == _LINK_MODE
        yield Member(name=name, size=fields[11], link=_zip_link(file, fields[18], fields[10]) if is_link else "")


def _zip_link(file: FileIO, at: int, size: int) -> str:
    """Return the target of a link, which is the member's content; packers store so short a text as it is."""
    head = _read_at(file, at, _ZIP_LOCAL_BYTES)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), os.SEEK_CUR)
    return file.read(min(size, _BLOCK)).decode("utf-8", "replace")


def _read_at(file: FileIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def _tar_members(file: _Reader) -> Iterator[Member]:
    longer: dict[str, str] = {}
    left = MAX_UNPACKED_BYTES
    for _ in range(MAX_MEMBERS):
        head = file.read(_BLOCK)
        if len(head) < _BLOCK or not head.strip(b"\0"):
            return
        size, kind = _number(head[124:136]), head[156:157]
        padded = -(-size // _BLOCK) * _BLOCK
        left -= padded + _BLOCK
        if kind in (b"L", b"K", b"x", b"g"):
            longer |= _long_names(kind, file.read(min(padded, _MAX_NAME_BYTES))[:size])
            padded = max(0, padded - _MAX_NAME_BYTES)
        else:
            yield Member(
                name=longer.get("path") or _tar_name(head),
                size=size,
                link=(longer.get("linkpath") or _text(head[157:257])) if kind in (b"1", b"2") else "",
            )
            longer = {}
        if left < 0:
            return
        _skip(file, padded)


def _skip(file: _Reader, size: int) -> None:
    while size > 0:
        taken = len(file.read(min(size, _STEP)))
        if not taken:
            return
        size -= taken


def _tar_name(head: bytes) -> str:
    prefix = _text(head[345:500]) if head[257:262] == b"ustar" and head[263:265] == b"00" else ""
    return f"{prefix}/{_text(head[:100])}" if prefix else _text(head[:100])


def _long_names(kind: bytes, body: bytes) -> dict[str, str]:
    if kind in (b"L", b"K"):
        return {"path" if kind == b"L" else "linkpath": _text(body)}
    found: dict[str, str] = {}
    for record in body.split(b"\n"):
        key, equals, value = record.partition(b" ")[2].partition(b"=")
        if equals and key in (b"path", b"linkpath"):
            found[key.decode()] = _text(value)
    return found


def _number(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    return int(field.strip(b" \0") or b"0", 8)


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")
