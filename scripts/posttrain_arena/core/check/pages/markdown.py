"""Write Markdown in which a text shows as it is, whatever characters it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_MARKS = re.compile(r"[\\`*\[\]<>|~$&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^(?=#|[-+=]+\s)")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s)")


def prose(text: str) -> str:
    """Return text whose code spans are code and whose other characters mean nothing to Markdown."""
    parts: list[str] = []
    at = 0
    for span in _SPAN.finditer(text):
        parts += [_plain(text[at : span.start()]), span[0] if span[1] == "`" else code(span[2].strip() or span[2])]
        at = span.end()
    return "".join([*parts, _plain(text[at:])])


def _plain(text: str) -> str:
    return _NUMBERED.sub(r"\1\\\2", _MARKS.sub(lambda mark: f"\\{mark[0]}", text)) if text else text


def code(text: str) -> str:
    """Return text as a code span on one line."""
    text = " ".join(text.split())
    marks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{edge}{text}{edge}{marks}"


def value(thing: Any) -> str:
    """Return a value as one writes it in YAML, as code; text that would be read as something else is quoted."""
    plain = isinstance(thing, str) and yaml.safe_load(thing) == thing
    return code(thing if plain else json.dumps(thing, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell's bars are escaped, also those in code."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def anchor(heading: str) -> str:
    """Return the anchor that a heading has on GitHub: lower case, blanks as hyphens, without punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
