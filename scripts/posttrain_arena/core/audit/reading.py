"""Read a file that a stranger left as text, or say why it cannot be read whole."""

from __future__ import annotations

import re
import zlib

from posttrain_arena.core.audit.bounds import MAX_UNPACKED
from posttrain_arena.core.audit.plain_binaries import is_plain_binary

MAX_DEPTH = 4
"""How deep text may be packed: base64 in JSON in gzip is three."""

GZIP = b"\x1f\x8b"
MAX_MEMBERS = 100
"""Gzip files one behind the other in one file."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROLS = bytes({*range(32)} - set(b"\t\n\v\f\r\x1b"))
_STRAY = 8
_STRAY_SHARE = 0.001
"""Control characters that a text may have: compressed data have a hundred times as many."""

_PRINTED = re.compile(rb"[\t\n\r\x20-\x7e]{16,}")


def text_of(data: bytes) -> str | None:
    """Return a text without its stray NULs, None for what is no text."""
    for coding in (*(coding for mark, coding in _MARKS if data.startswith(mark)), "utf-8"):
        try:
            return data.decode(coding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > max(_STRAY, _STRAY_SHARE * len(data)):
        return None
    return data.decode("latin-1").replace("\x00", "")


def printed(data: bytes) -> str:
    """Return the runs of letters in what is no text, a line each: tables that are not compressed hold theirs so."""
    return "\n".join(found.decode("ascii") for found in _PRINTED.findall(data))


def inflated(data: bytes) -> tuple[bytes, str]:
    """Return what is in a gzip file, all its members, and why that is not all; empty where it is."""
    parts: list[bytes] = []
    left = MAX_UNPACKED
    for _ in range(MAX_MEMBERS):
        if data[:2] != GZIP:
            return b"".join(parts), "something follows its gzip" if data.strip(b"\x00") else ""
        stream = zlib.decompressobj(wbits=31)
        try:
            parts.append(stream.decompress(data, left))
        except zlib.error:
            return b"".join(parts), "its gzip is broken"
        left -= len(parts[-1])
        if not stream.eof:
            return b"".join(parts), "its gzip is cut off, or too large" if left > 0 else _TOO_LARGE
        data = stream.unused_data
        if left <= 0:
            return b"".join(parts), _TOO_LARGE
    return b"".join(parts), f"more than {MAX_MEMBERS} gzip files in one"


def opened(data: bytes) -> tuple[bytes, str]:
    """Return what is in a file, unpacked where it is gzip, and why that is not all of it; empty where it is."""
    for _ in range(MAX_DEPTH):
        if data[:2] != GZIP:
            return data, _TOO_LARGE if len(data) > MAX_UNPACKED else ""
        data, why = inflated(data)
        if why:
            return data, why
    return data, "packed too deep"


def fault(path: str, data: bytes) -> str:
    """Return why a file cannot be looked at whole; empty where it can, or where it is known to hide nothing."""
    data, why = opened(data)
    if why:
        return why
    return "" if text_of(data) is not None or is_plain_binary(path, data) else "no text"


_TOO_LARGE = f"more than {MAX_UNPACKED >> 20} MB"
