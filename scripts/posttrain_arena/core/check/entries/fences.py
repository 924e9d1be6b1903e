"""Read the lines of a Markdown page, and tell which of them stand in a block of code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_LINE_CHARS = 2000
_FENCE = re.compile(r"\s*(`{3,}|~{3,})(.*)")
_LANGUAGE = re.compile(r"[\s{.]*([\w+-]*)")


class PageLine(NamedTuple):
    """A line by its number. ``language`` is that of the code it is part of, "" where none is named, None in prose."""

    number: int
    text: str
    language: str | None


def page_lines(lines: Iterable[tuple[int, str]]) -> Iterator[PageLine]:
    """Yield the lines of a page, without fences, blank lines and lines of more than MAX_LINE_CHARS characters.

    A fence may stand as deep as the item of a list that it is in, so every indent of one is taken.
    """
    fence, language = "", ""
    for number, line in lines:
        match = _FENCE.fullmatch(line) if "```" in line or "~~~" in line else None
        if match and not fence:
            is_code = match[1][0] == "`" and "`" in match[2]
            fence, language = "" if is_code else match[1], _language(match[2])
        elif match and match[1][0] == fence[0] and len(match[1]) >= len(fence) and not match[2].strip():
            fence = ""
        elif 0 < len(line) <= MAX_LINE_CHARS:
            yield PageLine(number, line, language if fence else None)


def _language(told: str) -> str:
    named = _LANGUAGE.match(told)
    return named[1].lower() if named else ""
