"""Read a CSV whose first line names its columns."""

from __future__ import annotations

import csv
import io
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
}
"""What stands where there is no number, in small letters, and what it means."""


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


def score_of(value: str, *, where: str) -> tuple[float | None, Fallback | None]:
    """Return a fraction of 1, or the reason for which there is none; raises UsageError for anything else."""
    if reason := WORDS.get(value.lower()):
        return None, reason
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise UsageError(
            f"{where}: {value!r}: write a fraction between 0 and 1, or one of: {', '.join(filter(None, WORDS))}"
        )
    return number, None
