"""Read a CSV whose first line names its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass

from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_cells import Fallback

WORDS: dict[str, Fallback] = {
    **dict.fromkeys(("not stored", "not submitted", "model not submitted"), "model-not-submitted"),
    **dict.fromkeys(("err", "error", "failed", "evaluation error"), "evaluation-failed"),
    **dict.fromkeys(
        (
            "",
            "-",
            "\N{EN DASH}",
            "\N{EM DASH}",
            "n/a",
            "n.a.",
            "#n/a",
            "na",
            "nan",
            "none",
            "null",
            "missing",
            "no run",
        ),
        "no-run",
    ),
    **dict.fromkeys(("not avl.", "not available", "no run record"), "no-run"),
    **dict.fromkeys(("flagged", "judge flag"), "audit-flagged"),
}
"""What stands where there is no number, in small letters, and what it means."""

WORD = re.compile(r"[^\W\d].*|\D*", re.DOTALL)
"""Any other word begins with a letter or has no digit: `timeout`, `?`; what looks like a number must be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A cell: a fraction of 1, or the reason for which there is none, and ``why``: a word that is not in WORDS."""

    number: float | None = None
    reason: Fallback | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: its cells by column, and where it stands (``file:line``)."""

    where: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole CSV."""

    where: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(text: str, *, needs: Collection[str] = ("model",), where: str) -> Table:
    """Return the rows of a CSV, without the blanks around names and cells.

    Raises UsageError for what is no CSV, lacks a column of ``needs``, names one twice or not at all, has no row, or
    has a row of another length.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise UsageError(f"{where}:{reader.line_num}: no CSV: {error}") from error
    columns = tuple(rows[0][1]) if rows else ()
    if missing := [name for name in needs if name not in columns]:
        raise UsageError(
            f"{where}: no CSV with the column{'s' * (len(missing) > 1)} {', '.join(missing)}: add what lacks"
        )
    if twice := next((name for name in columns if columns.count(name) > 1 or not name), None):
        raise UsageError(f"{where}: two columns are named {twice!r}: keep one")
    if "" in columns:
        raise UsageError(f"{where}: column {columns.index('') + 1} has no name: name it, or take it out")
    if len(rows) == 1:
        raise UsageError(f"{where}: no row under the names of the columns: add at least one")
    for number, row in rows[1:]:
        if len(row) != len(columns):
            raise UsageError(f"{where}:{number}: {len(row)} cells, and the first line names {len(columns)} columns")
    lines = (Line(where=f"{where}:{number}", cells=dict(zip(columns, row, strict=True))) for number, row in rows[1:])
    return Table(where=where, columns=columns, lines=tuple(lines))


def score_of(value: str, *, where: str) -> Said:
    """Return what a cell says; a word that nobody knows is an evaluation that gave no score.

    Raises UsageError for a number that is no fraction of 1, and for what begins like a number and is none.
    """
    if reason := WORDS.get(value.lower()):
        return Said(reason=reason)
    try:
        number = float(value)
    except ValueError:
        if WORD.fullmatch(value):
            return Said(reason="evaluation-failed", why=value)
        number = -1.0
    if not 0 <= number <= 1:
        raise UsageError(f"{where}: {value!r}: write a fraction between 0 and 1, or a word for why there is none")
    return Said(number=number)
