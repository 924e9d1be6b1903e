"""Part the files that a stranger left into passages of text, also where text is packed into something else."""

from __future__ import annotations

import ast
import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from posttrain_arena.core.audit.bounds import (
    MAX_CHARS,
    MAX_OF_FILE,
    MAX_PARSED,
    MAX_UNPACKED,
    Room,
    TooMuchError,
    parsed,
)
from posttrain_arena.core.audit.reading import GZIP, MAX_DEPTH, inflated, printed, text_of

PACKED = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
MIN_CONSTANT = 20
"""Characters of a string in a program that may be data."""

OVERLAP = 20_000
"""Characters that two parts share: an item that is not longer lies in one of them."""

MAX_PASSAGES = 200_000
"""Passages of one file: each takes up to a millisecond."""

MAX_OF_ALL_FILES = 400_000
"""Passages of all files together."""


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


def passages(path: str, data: bytes, room: Room | None = None) -> Iterator[Passage]:
    """Yield the passages of one file; of what is no text its printed parts.

    ``room`` is that of all files. Raises TooMuchError behind the last one where there would be more, or where a program
    cannot be parsed.
    """
    room = room or Room(MAX_OF_FILE)
    mine = Room(min(MAX_OF_FILE, room.left))
    began = mine.left
    parts = (part for passage in _Unpacking(path, mine).of(data[:MAX_UNPACKED], 0) for part in _parts(passage))
    try:
        for number, part in enumerate(parts):
            if number >= MAX_PASSAGES:
                raise TooMuchError(f"more than {MAX_PASSAGES} records")
            yield part
    finally:
        room.left -= began - mine.left


def _parts(passage: Passage) -> Iterator[Passage]:
    text, line = passage.text, passage.line
    step = MAX_CHARS - OVERLAP
    for start in range(0, max(len(text) - OVERLAP, 1), step):
        yield replace(passage, text=text[start : start + MAX_CHARS], line=line) if len(text) > MAX_CHARS else passage
        line += 0 if passage.one_line else text.count("\n", start, start + step)


class _Unpacking:
    """Yields the passages of one file while there is room."""

    def __init__(self, path: str, room: Room) -> None:
        self._path = path
        self._room = room

    def of(self, data: bytes, depth: int) -> Iterator[Passage]:
        """Yield the passages of data that were packed so deep."""
        self._room.take(len(data))
        if data[:2] == GZIP and depth < MAX_DEPTH:
            yield from self.of(inflated(data)[0], depth + 1)
            return
        text = text_of(data)
        if text is not None:
            yield from self._of_text(text, depth)
        elif text := printed(data):
            yield from self._with_packed(Passage(path=self._path, line=1, text=text, one_line=True), depth)

    def _of_text(self, text: str, depth: int) -> Iterator[Passage]:
        records = list(_json_records(text)) if depth < MAX_DEPTH else []
        if records:
            for line, record in records:
                joined = "\n".join(_strings(record))
                yield from self._with_packed(Passage(path=self._path, line=line, text=joined, one_line=True), depth)
            return
        yield from self._with_packed(Passage(path=self._path, line=1, text=text), depth)
        if len(text) <= MAX_PARSED or PurePosixPath(self._path).suffix == ".py":
            for line, constant in _constants(text):
                yield from self._with_packed(Passage(path=self._path, line=line, text=constant, one_line=True), depth)

    def _with_packed(self, passage: Passage, depth: int) -> Iterator[Passage]:
        """Yield a passage and what is in its base64."""
        yield passage
        at = lines = 0
        for found in PACKED.finditer(passage.text) if depth < MAX_DEPTH else ():
            lines, at = lines + passage.text.count("\n", at, found.start()), found.start()
            for inner in self.of(_from_base64(found.group()), depth + 1):
                if inner.text.isprintable() or "\n" in inner.text:
                    yield Passage(path=passage.path, line=passage.line_at(lines), text=inner.text, one_line=True)


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
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):  # U+2028 in a string ends no line
        try:
            records.append((number, json.loads(line))) if line.strip() else None
        except (ValueError, RecursionError):
            records.append((number, line))
    if any(not isinstance(record, str) for _, record in records):
        yield from records


def _strings(value: Any) -> Iterator[str]:
    """Yield the keys and values of a document, in order."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            for key, item in reversed(value.items()):
                left += (item, key)
        elif isinstance(value, list):
            left += reversed(value)
        else:
            yield str(value)


def _constants(text: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a Python program; escapes hide line ends from whoever reads the text alone."""
    tree = parsed(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= MIN_CONSTANT:
            yield node.lineno, node.value


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except (ValueError, binascii.Error):
        return b""
