"""Verify the agents' part of a leaderboard: every score from its items, and the board from the runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from posttrain_arena.cli.leaderboard_agents import BOARD, HOME, agents_board
from posttrain_arena.core.benchmarks.results import mean_with_error
from posttrain_arena.core.leaderboard import store
from posttrain_arena.core.leaderboard.verify import differences
from posttrain_arena.errors import ArenaError, DocumentError
from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.agents_result import AgentsResult
from posttrain_arena.model.documents import read_written, to_document


def agents_faults(leaderboard: Path) -> tuple[int, list[str]]:
    """Return how many published runs of agents there are, and what is wrong with them or with their board."""
    paths, faults = store.listed(leaderboard / HOME / "runs")
    for path in paths:
        faults += [f"{path}: {fault}" for fault in _run_faults(path)]
    return len(paths), faults or list(_board_faults(leaderboard))


def _run_faults(path: Path) -> Iterator[str]:
    try:
        result = read_written(path, AgentsResult)
    except DocumentError as error:
        yield str(error).removeprefix(f"{path}: ")
        return
    if path.stem != result.id:
        yield f"id: the file says {result.id!r}: a run is named <run-id>.json"
    raw, spread = mean_with_error(result.scores) if result.scores else (None, None)
    stated = {"raw": result.raw, "standard_error": result.standard_error}
    yield from differences(stated, {"raw": raw, "standard_error": spread})
    if result.reason is None and (result.audit.verdict == "flagged" or result.raw is None):
        yield "reason: says that the score counts, and the audit flagged the run or there is no score"


def _board_faults(leaderboard: Path) -> Iterator[str]:
    path = leaderboard / BOARD
    try:
        board = agents_board(leaderboard)
        built = None if board is None else to_document(board)
        stated = to_document(read_written(path, AgentsBoard)) if path.exists() else built
    except ArenaError as error:
        yield str(error)
        return
    if built is None and stated is not None:
        yield f"{path}: there are no references to build a board with: remove it"
        return
    yield from (f"{path}: {fault}" for fault in differences(stated, built))
