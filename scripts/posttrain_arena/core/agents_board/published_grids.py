"""Read grids in the layout of the published PostTrainBench scores: a CSV row per model, a column per benchmark."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

from posttrain_arena.core.agents_board.aggregate import Grid, used_cell
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_cells import Cell, Fallback

REASONS: dict[str, Fallback] = {
    "not stored": "model-not-submitted",
    "err": "evaluation-failed",
    "not avl.": "no-run",
    "": "no-run",
}
"""What stands in a cell that has no number, in small letters, and what it means."""

KINDS = {"base_zeroshot": "base", "official_instruct": "instruct", "base_fewshot": "few-shot"}
"""The column ``kind`` of a file that has base models, instruct models and few-shot prompting in one table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The scores of the models that are there to compare with; ``benchmarks`` in the order of the file."""

    benchmarks: tuple[str, ...]
    base: Scores
    instruct: Scores
    few_shot: Scores


def read_table(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV by the names in its first line; empty for what is none."""
    return list(csv.DictReader(io.StringIO(text)))


def read_rows(text: str, *, where: str) -> list[dict[str, str]]:
    """Return the rows of a CSV with the column ``model``; raises UsageError for rows of another length."""
    rows = read_table(text)
    if not rows or "model" not in rows[0]:
        raise UsageError(f"{where}: no CSV with a column `model` and at least one row")
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UsageError(f"{where}:{number}: not as many cells as the first line has names")
    return rows


def read_references(text: str, *, base_models: Collection[str] = (), where: str) -> References:
    """Read base, instruct and few-shot rows; without a column ``kind`` the ``base_models`` tell base from instruct."""
    rows = read_rows(text, where=where)
    benchmarks = tuple(name for name in rows[0] if name not in ("model", "kind"))
    found: dict[str, dict[str, dict[str, float]]] = {"base": {}, "instruct": {}, "few-shot": {}}
    for number, row in enumerate(rows, start=2):
        kind = KINDS.get(row["kind"]) if "kind" in row else "base" if row["model"] in base_models else "instruct"
        if kind is None:
            raise UsageError(f"{where}:{number}: kind {row['kind']!r}: write one of {', '.join(KINDS)}")
        scores = {name: _fraction(row[name]) for name in benchmarks}
        if row["model"] in found[kind]:
            raise UsageError(f"{where}:{number}: {row['model']} is there twice: keep one row")
        found[kind][row["model"]] = {name: value for name, value in scores.items() if value is not None}
    return References(benchmarks=benchmarks, base=found["base"], instruct=found["instruct"], few_shot=found["few-shot"])


def read_grid(
    text: str, base: Scores, *, flagged: Collection[tuple[str, str]] = (), where: str
) -> dict[str, dict[str, Cell]]:
    """Read one run's cells; a word for a number falls back, and so do the ``flagged`` (model, benchmark)."""
    grid: dict[str, dict[str, Cell]] = {}
    for number, row in enumerate(read_rows(text, where=where), start=2):
        model = row.pop("model")
        if model not in base or model in grid:
            raise UsageError(
                f"{where}:{number}: {model}: {'is there twice' if model in grid else 'no such base model'}"
            )
        if unknown := set(row) - set(base[model]):
            raise UsageError(
                f"{where}: {', '.join(sorted(unknown))}: no base score for {model}: add it to the baselines"
            )
        grid[model] = {
            name: _cell(value, base[model][name], (model, name) in flagged, f"{where}:{number}: {name}")
            for name, value in row.items()
        }
    return grid


def judged(raw: Grid, final: Grid) -> set[tuple[str, str]]:
    """Return the cells whose published final score is not their raw score, though there is one: a judge's flags."""
    return {
        (model, name)
        for model, row in raw.items()
        for name, cell in row.items()
        if cell.raw is not None and final[model][name].raw != cell.raw
    }


def seconds(clock: str) -> int:
    """Return the seconds of ``h:mm:ss``; raises UsageError for anything else."""
    parts = clock.strip().split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise UsageError(f"{clock!r} is no time: write h:mm:ss")
    return 3600 * int(parts[0]) + 60 * int(parts[1]) + int(parts[2])


def _cell(value: str, base: float, flagged: bool, where: str) -> Cell:
    number = _fraction(value)
    reason = REASONS.get(value.strip().lower()) if number is None else None
    if number is None and reason is None:
        raise UsageError(f"{where}: {value!r}: write a fraction or one of: {', '.join(filter(None, REASONS))}")
    return used_cell(number, base, "audit-flagged" if flagged and number is not None else reason)


def _fraction(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None
