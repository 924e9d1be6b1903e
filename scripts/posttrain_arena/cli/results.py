"""Wire scoring and the leaderboard together for the commands that publish results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from posttrain_arena.core.leaderboard import store
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.leaderboard.runs import RunFacts, build_run, scored_evaluation
from posttrain_arena.core.leaderboard.sealed_store import add_sealed, sound_sealed
from posttrain_arena.core.leaderboard.verify import run_drift
from posttrain_arena.core.scoring.score import score, stage_rates
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.errors import UsageError
from posttrain_arena.model.board import Board
from posttrain_arena.model.documents import write_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.suite import SEALED


def make_run(facts: RunFacts) -> LeaderboardRun:
    """Score ``facts`` and return the run to publish; raises UsageError where its evaluations cannot be scored."""
    return build_run(facts, score(scored_evaluation(facts), facts.baseline), stage_rates(facts.evaluations))


def add_run(run: LeaderboardRun, leaderboard: Path) -> Path:
    """Recompute ``run`` from its raw rewards and write it to ``leaderboard/runs``.

    Of a run on the sealed suite only aggregates are written until the suite is revealed. Raises UsageError, and writes
    nothing, where it says anything that its rewards do not give.
    """
    faults = run_drift(run, score=score, stage_rates=stage_rates)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise UsageError(f"{run.id}: {faults[0]}{more}: build the run again from its evaluations")
    return add_sealed(leaderboard, run) if run.suite.name == SEALED else store.write_run(leaderboard, run)


def current_board(leaderboard: Path) -> Board:
    """Build the board from the leaderboard's runs and changes."""
    return board_of(leaderboard, store.read_runs(leaderboard))


def board_of(leaderboard: Path, runs: Sequence[LeaderboardRun]) -> Board:
    """Build the board from runs that were read already, and what else the leaderboard has."""
    sealed, changes = sound_sealed(leaderboard).runs.values(), store.read_changes(leaderboard)
    return build_board(runs, judge=judge, changes=changes, sealed=sealed)


def write_board(leaderboard: Path) -> Path:
    """Build the board and write ``leaderboard.json``."""
    path = leaderboard / store.BOARD_FILE
    write_document(path, current_board(leaderboard))
    return path
