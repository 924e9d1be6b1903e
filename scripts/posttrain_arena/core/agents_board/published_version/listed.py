"""Read the published list of cells that fall back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from posttrain_arena.core.agents_board.aggregate import Grid
from posttrain_arena.core.agents_board.published_fallbacks import AGENT, FLAG, Place, reason_of
from posttrain_arena.core.agents_board.published_version.folder import FALLBACKS, Folder
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_cells import Fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One cell of the list as it is written; what the list has no column for is None."""

    where: str
    raw: str | None
    final: str | None
    reason: str


def read_listed(folder: Folder) -> dict[str, dict[Place, Listed]]:
    """Return method → place → what is listed; raises UsageError for a cell that is there twice."""
    found: dict[str, dict[Place, Listed]] = defaultdict(dict)
    table = folder.lines(FALLBACKS, ("base_model", "benchmark"))
    if table is None:
        return found
    column = next((name for name in AGENT if name in table.columns), None)
    if column is None:
        raise UsageError(f"{table.where}: no agent: needs one of the columns {', '.join(AGENT)}")
    for line in table.lines:
        cells, place = found[line.cells[column]], (line.cells["base_model"], line.cells["benchmark"])
        if place in cells:
            raise UsageError(f"{line.where}: {line.cells[column]}: {place[0]} on {place[1]}: is there twice: keep one")
        cells[place] = Listed(
            where=line.where,
            raw=line.cells.get("raw_cell"),
            final=line.cells.get("final_cell"),
            reason=line.cells.get("reason", FLAG),
        )
    return found


def fallbacks_of(listed: Mapping[Place, Listed], raw: Grid, base: Scores) -> dict[Place, Fallback]:
    """Return the listed cells of a grid: one with a number was flagged; a reason that nobody knows is a failure."""
    found: dict[Place, Fallback] = {}
    for (model, name), cell in listed.items():
        if name in base.get(model, {}):
            there = raw.get(model, {}).get(name)
            flagged = there is not None and there.raw is not None
            found[model, name] = "audit-flagged" if flagged else reason_of(cell.reason) or "evaluation-failed"
    return found
