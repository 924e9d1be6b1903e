"""Read which published cells fall back: those that a judge flagged, and those of which the reason is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import get_args

from posttrain_arena.core.agents_board.published_tables import WORDS, Line, read_table
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_cells import Fallback

Place = tuple[str, str]
"""Base model, benchmark."""

Fallbacks = Mapping[str, Mapping[Place, Fallback]]
"""Agent, or method, → its cells that fall back."""

FLAG = "judge flag"
"""How the published reason of a flagged cell begins."""

AGENT = ("agent", "method")
KNOWN = (*AGENT, "base_model", "benchmark", "reason", "raw_cell", "final_cell")
PREFIXES = ("aggregated_", "final_")
"""What the name of a published grid has before its method."""


def read_fallbacks(text: str, places: Collection[Place], *, where: str) -> Fallbacks:
    """Read a CSV of ``agent`` (or ``method``), ``base_model`` and ``benchmark``; without ``reason`` all are flagged.

    Raises UsageError for an unknown column or reason, a cell that is not among ``places``, and one that is there twice.
    """
    table = read_table(text, needs=("base_model", "benchmark"), where=where)
    if unknown := [name for name in table.columns if name not in KNOWN]:
        raise UsageError(f"{where}: {', '.join(unknown)}: unknown columns: there may be {', '.join(KNOWN)}")
    names = [name for name in AGENT if name in table.columns]
    if len(names) != 1:
        raise UsageError(f"{where}: {' and '.join(names) or 'no agent'}: needs one of the columns {', '.join(AGENT)}")
    found: dict[str, dict[Place, Fallback]] = defaultdict(dict)
    for line in table.lines:
        cells, place = found[line.cells[names[0]]], (line.cells["base_model"], line.cells["benchmark"])
        if place not in places or place in cells:
            wrong = "is there twice: keep one row" if place in cells else "no such cell among the baselines"
            raise UsageError(f"{line.where}: {line.cells[names[0]]}: {place[0]} on {place[1]}: {wrong}")
        cells[place] = _reason(line)
    return found


def of_grid(found: Fallbacks, agent: str, path: PurePath) -> dict[Place, Fallback]:
    """Return the cells that fall back in one grid: those of its agent, and those of the method that names its file."""
    return {place: reason for name in _names(agent, path) for place, reason in found.get(name, {}).items()}


def refuse_unmatched(found: Fallbacks, grids: Collection[tuple[str, PurePath]], *, where: str) -> None:
    """Raise UsageError for agents that no grid is of: a flag that is passed over would be a better score."""
    named = {name for agent, path in grids for name in _names(agent, path)}
    if unmatched := sorted(set(found) - named):
        raise UsageError(
            f"{where}: no grid is given for {', '.join(unmatched)}: add AGENT=FILE, or take out the rows; an agent is "
            "named as in AGENT=FILE, or as FILE is without aggregated_ or final_"
        )


def _names(agent: str, path: PurePath) -> tuple[str, str]:
    method = path.stem
    for prefix in PREFIXES:
        method = method.removeprefix(prefix)
    return agent, method


def reason_of(said: str) -> Fallback | None:
    """Return what a published reason means, None where the arena does not know it."""
    word = said.lower()
    if word.startswith(FLAG):
        return "audit-flagged"
    return next((reason for reason in get_args(Fallback) if word and WORDS.get(word, word) == reason), None)


def _reason(line: Line) -> Fallback:
    said = line.cells.get("reason", FLAG)
    if reason := reason_of(said):
        return reason
    known = ", ".join((FLAG, *get_args(Fallback)))
    raise UsageError(f"{line.where}: reason {said!r}: write one of {known}")
