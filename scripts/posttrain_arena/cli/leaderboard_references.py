"""The references of the agents' board, from evaluations, for `arena leaderboard add-references`."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from posttrain_arena.cli.agents_machine import COMPETITION
from posttrain_arena.cli.leaderboard_agents import HOME, REFERENCES
from posttrain_arena.core.agents_board.measured_references import Measured, references_of
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.documents import read_document, write_document


def add_add_references(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `add-references`."""
    parser.add_argument("evaluations", metavar="FILE", type=Path, nargs="+", help="what `arena agents reference` wrote")
    parser.add_argument("--budget-sec", type=float, help="seconds that every run has (default: competition.yaml)")


def run_add_references(arguments: argparse.Namespace) -> int:
    """Write the references of the agents' board."""
    path = arguments.leaderboard / HOME / REFERENCES
    if path.exists():
        raise UsageError(f"{path} is there: remove it to write another, which every published run is then held against")
    seconds = arguments.budget_sec
    if seconds is None:
        seconds = read_competition(COMPETITION).agent_runs.budget_sec
    references = references_of([_measured(file) for file in arguments.evaluations], seconds)
    write_document(path, references)
    print(
        f"wrote {path}: {len(references.scores)} scores of {len(references.base_models)} base model(s) on "
        f"{len(references.splits)} benchmark(s), for runs of {seconds:g} s"
    )
    return 0


def _measured(path: Path) -> Measured:
    return Measured(
        where=str(path),
        evaluation=read_document(path, AgentEvaluation),
        digest=f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
    )
