"""Read grids in the layout of the published PostTrainBench scores: a CSV row per model, a column per benchmark."""

from __future__ import annotations

import math
from collections.abc import Mapping

from posttrain_arena.core.agents_board.aggregate import Grid, used_cell
from posttrain_arena.core.agents_board.published_fallbacks import Place
from posttrain_arena.core.agents_board.published_tables import read_table, score_of
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_cells import Cell, Fallback

NOTHING: Mapping[Place, Fallback] = {}


def read_grid(
    text: str, base: Scores, *, fallbacks: Mapping[Place, Fallback] = NOTHING, where: str
) -> dict[str, dict[str, Cell]]:
    """Read one run's cells; a word for a number falls back, and so does every place of ``fallbacks``."""
    grid: dict[str, dict[str, Cell]] = {}
    for line in read_table(text, where=where).lines:
        row = dict(line.cells)
        model = row.pop("model")
        if model not in base or model in grid:
            wrong = "is there twice: keep one row" if model in grid else "no such base model among the baselines"
            raise UsageError(f"{line.where}: {model}: {wrong}")
        if unknown := [name for name in row if name not in base[model]]:
            raise UsageError(f"{where}: {', '.join(unknown)}: no base score for {model}: add it to the baselines")
        grid[model] = {
            name: _cell(value, base[model][name], fallbacks.get((model, name)), where=f"{line.where}: {name}")
            for name, value in row.items()
        }
    for (model, name), reason in fallbacks.items():
        grid.setdefault(model, {}).setdefault(name, used_cell(None, base[model][name], reason))
    return grid


def judged(raw: Grid, final: Grid) -> dict[Place, Fallback]:
    """Return the cells whose published final score is not their raw score, though both are there: a judge's flags."""
    return {
        (model, name): "audit-flagged"
        for model, row in raw.items()
        for name, cell in row.items()
        if cell.raw is not None
        and (last := final.get(model, {}).get(name)) is not None
        and last.raw not in (None, cell.raw)
    }


def seconds(clock: str) -> int:
    """Return the seconds of ``h:mm:ss``; raises UsageError for anything else."""
    parts = clock.strip().split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise UsageError(f"{clock!r} is no time: write h:mm:ss")
    return 3600 * int(parts[0]) + 60 * int(parts[1]) + int(parts[2])


def _cell(value: str, base: float, fallback: Fallback | None, *, where: str) -> Cell:
    """Return a cell; a reason that the grid gives itself goes before ``fallback``, if the arena knows what it means."""
    said = score_of(value, where=where)
    number = said.number
    if number is None:
        unknown = said.why or said.reason == "no-run"
        return used_cell(None, base, fallback if fallback and unknown else said.reason, said.why)
    if fallback in (None, "audit-flagged"):
        return used_cell(number, base, fallback)
    if not math.isclose(number, base, abs_tol=1e-9):
        raise UsageError(f"{where}: {value}, and the list of fallbacks says {fallback}: take one of them out")
    return used_cell(None, base, fallback)
