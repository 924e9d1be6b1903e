"""Verify the agents' part of a leaderboard: every score from its items, and the board from the runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from posttrain_arena.cli.leaderboard_agents import BOARD, HOME, agents_board, read_result
from posttrain_arena.core.leaderboard import store
from posttrain_arena.core.leaderboard.verify import differences
from posttrain_arena.errors import ArenaError, DocumentError
from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.documents import read_written, said_digest, to_document


def agents_faults(leaderboard: Path) -> tuple[int, list[str]]:
    """Return how many published runs of agents there are, and what is wrong with them or with their board."""
    paths, faults = store.listed(leaderboard / HOME / "runs")
    for path in paths:
        try:
            read_result(path)
        except DocumentError as error:
            faults.append(str(error))
    return len(paths), faults or list(_board_faults(leaderboard))


def _board_faults(leaderboard: Path) -> Iterator[str]:
    path = leaderboard / BOARD
    try:
        built = agents_board(leaderboard)
        stated = read_written(path, AgentsBoard) if path.exists() else built
    except ArenaError as error:
        yield str(error)
        return
    if built is None or stated is None:
        if stated is not None:
            yield f"{path}: there are no references to build a board with: remove it"
        return
    said, found = (to_document(replace(board, digest="")) for board in (stated, built))
    faults = list(differences(said, found)) or list(differences(stated.digest, said_digest(stated), "digest"))
    yield from (f"{path}: {fault}" for fault in faults)
