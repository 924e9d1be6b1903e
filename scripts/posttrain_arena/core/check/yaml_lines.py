"""Read YAML that somebody else wrote: values with their lines, in bounded time and memory.

The values are those of YAML 1.2's core schema: ``no`` is text, ``true`` a boolean, a date is text. Tags, keys that are
not plain text and more than one document are refused; of a duplicate key the first value is kept. Aliases count as
often as they are used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from posttrain_arena.model.shown import shown

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 20
MAX_NODES = 10_000
CHARS_PER_NODE = 100
"""Text counts as one value more for each of these, so that aliases to a long text are bounded as well."""

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, both from 1."""

_DROPPED = -1
"""Stands for a key in the path of a value that is read and not kept."""

_ODD_BREAK = re.compile("[\r\x85\u2028\u2029]")
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_HEX_OR_OCTAL = re.compile(r"0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_HINT = "mend the syntax; quote text that holds ': ' or ' #'"
_HINTS = (
    ("unknown escape", "write two backslashes for one, or use single quotes"),
    ("quoted scalar", "close the quote; in single quotes write '' for one"),
    ("flow sequence", "close the list with ], or quote the text that holds ': '"),
    ("flow mapping", "close the table with }, or quote the text that holds ': '"),
    ("mapping values are not allowed", "quote the text that holds ': ', or mend the indentation"),
    ("did not find expected key", "mend the indentation, or quote the text"),
    ("expected '-' indicator", "indent the lines of a list alike"),
    ("block sequence entries", "start the list on a line of its own"),
)
"""What to do about what the parser says, which names what it expected and not what its author wanted."""

_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A value and the place of every key and item in it, by the path to it; ``faults`` are its duplicate keys."""

    value: Any
    places: dict[KeyPath, Place]
    faults: tuple[YamlFault, ...] = ()

    def place(self, *path: str | int) -> Place:
        """Return the place of ``path``, or of the nearest thing above it that is there."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.places.get((), (1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFault:
    """Why a text, or a part of it, is not read; ``rule`` is yaml-syntax, yaml-duplicate-key or yaml-bounds."""

    rule: str
    line: int
    column: int | None = None
    what: str
    how: str


class _RefusedError(Exception):
    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.what)
        self.fault = fault


@dataclass(slots=True, kw_only=True)
class _Reader:
    read: Callable[[], Any]
    first_line: int
    places: dict[KeyPath, Place] = field(default_factory=dict)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    doubled: list[YamlFault] = field(default_factory=list)
    nodes: int = 0

    def refuse(self, event: Any, what: str, how: str, rule: str = "yaml-syntax") -> _RefusedError:
        return _RefusedError(self.fault(event, what, how, rule))

    def fault(self, event: Any, what: str, how: str, rule: str) -> YamlFault:
        line, column = self.place(event)
        return YamlFault(rule=rule, line=line, column=column, what=what, how=how)

    def place(self, event: Any) -> Place:
        return event.start_mark.line + self.first_line, event.start_mark.column + 1

    def document(self) -> Any:
        self.read()  # the stream starts
        if isinstance(self.read(), yaml.StreamEndEvent):
            return None
        value = self.node(self.read(), ())
        self.read()  # the document ends
        after = self.read()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self.refuse(after, "a second YAML document starts here", "keep one document")
        return value

    def node(self, event: Any, path: KeyPath) -> Any:
        self.places.setdefault(path, self.place(event))
        self.count(event, 1)
        if len(path) > MAX_DEPTH:
            raise self.refuse(event, f"nested more than {MAX_DEPTH} deep", "flatten it", "yaml-bounds")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise self.refuse(event, f"the tag {shown(event.tag)}", "remove the tag; only plain values are read")
        before = self.nodes
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(path)
        else:
            value = self.mapping(path)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before + 1)
        return value

    def count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            what = f"more than {MAX_NODES} values once its aliases are followed"
            raise self.refuse(event, what, "shorten it and write values out", "yaml-bounds")

    def alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise self.refuse(event, f"the alias *{shown(event.anchor)} has no anchor before it", "write the value out")
        value, weight = self.anchors[event.anchor]
        self.count(event, weight)
        return value

    def sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self.read(), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items))))
        return items

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        table: dict[str, Any] = {}
        while not isinstance(event := self.read(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.refuse(event, "a key that is not plain text", "use a word as the key")
            key = event.value
            if key == "<<" and event.implicit[0]:
                raise self.refuse(event, "the merge key '<<' is not of YAML 1.2", "write the values out")
            if key in table:
                first, _ = self.places[(*path, key)]
                what = f"the key {shown(key)!r} is here a second time (first on line {first})"
                self.doubled.append(self.fault(event, what, "keep one of the two", "yaml-duplicate-key"))
                self.node(self.read(), (*path, _DROPPED))
                continue
            self.places[(*path, key)] = self.place(event)
            table[key] = self.node(self.read(), (*path, key))
        return table

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        self.count(event, len(text) // CHARS_PER_NODE)
        if event.tag is not None or not event.implicit[0]:
            return text
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _INT.fullmatch(text):
            return int(text)
        if _HEX_OR_OCTAL.fullmatch(text):
            return int(text, 0)
        number = float(text) if _FLOAT.fullmatch(text) else 0.0
        if _SPECIAL.fullmatch(text) or not math.isfinite(number):
            raise self.refuse(event, f"{shown(text)} is not a finite number", "write a finite number")
        return number if _FLOAT.fullmatch(text) else text


def read_yaml(text: str, *, first_line: int = 1) -> Located | YamlFault:
    """Read one YAML document; ``first_line`` is the line of its first line in the file."""
    if odd := _ODD_BREAK.search(text):
        line = text.count("\n", 0, odd.start()) + first_line
        what = f"the character {odd[0]!r}, which only some readers take for the end of a line"
        return YamlFault(rule="yaml-syntax", line=line, what=what, how="remove it, or start a new line")
    try:
        reader = _Reader(read=LOADER(text).get_event, first_line=first_line)
        value = reader.document()
    except _RefusedError as refused:
        return refused.fault
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + first_line
        return YamlFault(
            rule="yaml-syntax", line=line, what=f"a character YAML refuses: {error.reason}", how="remove it"
        )
    except yaml.MarkedYAMLError as error:
        return _syntax_fault(error, text, first_line)
    return Located(value=value, places=reader.places, faults=tuple(reader.doubled))


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, first_line: int) -> YamlFault:
    said, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and ("quoted scalar" in context or "flow" in context):
        mark = error.context_mark  # what is not closed is mended where it starts
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    at = text.split("\n")[line][column : column + 1] if mark is not None and line < text.count("\n") + 1 else ""
    how = next((hint for part, hint in _HINTS if part in f"{said} {context}"), _HINT)
    if "cannot start any token" in said:
        how = (
            "indent with blanks: a tab is no indentation"
            if at in ("\t", "")
            else f"quote the text that starts with {at!r}"
        )
    what = f"not YAML: {shown(said or context or 'syntax error', 200)}"
    return YamlFault(rule="yaml-syntax", line=line + first_line, column=column + 1, what=what, how=how)
