"""Part the files that a stranger left into passages of text, also where text is packed into something else."""

from __future__ import annotations

import ast
import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

MAX_UNPACKED = 64 << 20
"""Bytes of one file that are looked at, also after unpacking."""

MAX_DEPTH = 4
"""How deep text may be packed: base64 in JSON in gzip is three."""

PACKED = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
MIN_CONSTANT = 20
"""Characters of a string in a program that may be data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text that belongs together (a record, a file) and where it begins.

    ``one_line``: the line ends in the text are none of the file's, as in a string of JSON.
    """

    path: str
    line: int
    text: str
    one_line: bool = False

    def line_at(self, lines: int) -> int:
        """Return the line of the file in which the text's line number ``lines``, from 0, stands."""
        return self.line if self.one_line else self.line + lines


def passages(path: str, data: bytes) -> Iterator[Passage]:
    """Yield the passages of one file; a file that is no text and holds none yields nothing."""
    yield from _unpacked(path, data[:MAX_UNPACKED], 0)


def is_text(data: bytes) -> bool:
    """Say whether a file can be read here: as text, or as gzip of text."""
    return any(True for _ in passages("", data[: 1 << 20]))


def _unpacked(path: str, data: bytes, depth: int) -> Iterator[Passage]:
    if data[:2] == b"\x1f\x8b" and depth < MAX_DEPTH:
        yield from _unpacked(path, _inflated(data), depth + 1)
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        if b"\x00" in data[:4096]:
            return
        text = data.decode("latin-1")
    if "\x00" not in text:
        yield from _of_text(path, text, depth)


def _of_text(path: str, text: str, depth: int) -> Iterator[Passage]:
    records = list(_json_records(text)) if depth < MAX_DEPTH else []
    if records:
        for line, record in records:
            yield from _with_packed(
                Passage(path=path, line=line, text="\n".join(_strings(record)), one_line=True), depth
            )
        return
    yield from _with_packed(Passage(path=path, line=1, text=text), depth)
    for line, constant in _constants(text):
        yield from _with_packed(Passage(path=path, line=line, text=constant, one_line=True), depth)


def _with_packed(passage: Passage, depth: int) -> Iterator[Passage]:
    """Yield a passage and what is in its base64."""
    yield passage
    for found in PACKED.finditer(passage.text) if depth < MAX_DEPTH else ():
        line = passage.line_at(passage.text.count("\n", 0, found.start()))
        for inner in _unpacked(passage.path, _from_base64(found.group()), depth + 1):
            if inner.text.isprintable() or "\n" in inner.text:
                yield Passage(path=passage.path, line=line, text=inner.text, one_line=True)


def _json_records(text: str) -> Iterator[tuple[int, Any]]:
    """Yield (line, record) of JSON Lines, or of the elements of one JSON document; nothing where it is neither."""
    if text.lstrip()[:1] not in ("{", "["):
        return
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        yield from _json_lines(text)
        return
    for element in whole if isinstance(whole, list) else [whole]:
        yield 1, element


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            records.append((number, json.loads(line))) if line.strip() else None
        except (ValueError, RecursionError):
            records.append((number, line))
    if any(not isinstance(record, str) for _, record in records):
        yield from records


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        return chain.from_iterable(chain([str(key)], _strings(item)) for key, item in value.items())
    if isinstance(value, list):
        return chain.from_iterable(map(_strings, value))
    return iter([str(value)])


def _constants(text: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a Python program; escapes hide line ends from whoever reads the text alone."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= MIN_CONSTANT:
            yield node.lineno, node.value


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(data, MAX_UNPACKED)
    except zlib.error:
        return b""


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except (ValueError, binascii.Error):
        return b""
