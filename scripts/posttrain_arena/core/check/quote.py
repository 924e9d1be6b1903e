"""Quote a line of a contributor's file so that a caret below it stands under the character that is meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from posttrain_arena.model.shown import shown

WIDE = 110
"""Columns of a terminal that a quoted line takes at most."""

_BEFORE = 80
_TAB = "    "
_CUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """``text`` is safe to print on one line; ``caret`` is how many columns come before the caret, None for none."""

    text: str
    caret: int | None


def quote(line: str, column: int | None) -> Quote:
    """Return the part of ``line`` around ``column``, which counts characters from 1."""
    at = min((column or 1) - 1, len(line))
    before, used = _taken(reversed(line[max(0, at - _BEFORE) : at]), _BEFORE)
    before.reverse()
    start = at - len(before)
    after, _ = _taken(iter(line[at : at + WIDE]), WIDE - used)
    text = _CUT * (start > 0) + "".join(before + after) + _CUT * (at + len(after) < len(line))
    there = column is not None and column <= len(line) + 1
    return Quote(text=text, caret=used + (start > 0) if there else None)


def _taken(characters: Iterable[str], room: int) -> tuple[list[str], int]:
    """Return how the first characters are shown that fit into ``room`` columns, and the columns they take."""
    cells: list[str] = []
    used = 0
    for character in characters:
        cell, width = _cell(character)
        if used + width > room:
            break
        cells.append(cell)
        used += width
    return cells, used


def _cell(character: str) -> tuple[str, int]:
    if " " <= character <= "~":
        return character, 1
    if character == "\t":
        return _TAB, len(_TAB)
    if not character.isprintable():
        escaped = shown(character)
        return escaped, len(escaped)
    if unicodedata.category(character) in ("Mn", "Me"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
