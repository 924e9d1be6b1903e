"""Tell the agents' board in words, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from posttrain_arena.model.agents_board import AgentRow, AgentsBoard
from posttrain_arena.model.shown import shown


def told(board: AgentsBoard) -> str:
    """Return the board as lines: weights, agents with the reasons of their fallbacks, references."""
    return "\n".join([*_lines(board), ""])


def _lines(board: AgentsBoard) -> Iterator[str]:
    yield "weights: " + ", ".join(f"{shown(column.name)} {column.weight:.6f}" for column in board.benchmarks)
    for row in board.agents:
        yield f"{shown(row.agent):40} {row.average:.6f}{_error(row)}{_reasons(row)}{_unflagged(row)}"
    for reference in board.references:
        yield f"{reference.kind + ' (not ranked)':40} {reference.average:.6f}"


def _error(row: AgentRow) -> str:
    runs = f"n = {row.n}"
    return f"  SD {row.sd:.6f}, SE {row.standard_error:.6f}, {runs}" if row.sd is not None else f"  {runs}"


def _unflagged(row: AgentRow) -> str:
    if not row.flagged:
        return ""
    left = (
        f"{row.unflagged.average:.6f} without flagged cells" if row.unflagged else "every cell that weighs is flagged"
    )
    return f", {left}"


def _reasons(row: AgentRow) -> str:
    counts = Counter(cell.why or cell.reason for group in row.cells for cell in group.attempts if cell.reason)
    return "".join(f", {count} {shown(reason)}" for reason, count in sorted(counts.items()))
