"""The agents' board for `arena leaderboard`: publish audited runs, read them, build the board."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from posttrain_arena.adapters.agents.audited_run import digests
from posttrain_arena.core.agents_board.board import Standard, build_board
from posttrain_arena.core.agents_board.comparable import require_comparable
from posttrain_arena.core.agents_board.consistency import result_faults
from posttrain_arena.core.agents_board.results import Audited, agents_of, result_of
from posttrain_arena.core.benchmarks.results import mean_with_error
from posttrain_arena.core.leaderboard.store import listed
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentRun
from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.agents_references import AgentsReferences
from posttrain_arena.model.agents_result import AgentsResult
from posttrain_arena.model.audit import Audit
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import read_document, read_plain, read_written, write_document

HOME = "agents"
REFERENCES = "references.json"
BOARD = "agents.json"

D = TypeVar("D")


def add_add_agent(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `add-agent`."""
    parser.add_argument("run", metavar="RUN", type=Path, help="folder of a run that was evaluated and audited")
    parser.add_argument("--attempt", type=int, default=1, help="which attempt of the agent (default 1): one score each")


def run_add_agent(arguments: argparse.Namespace) -> int:
    """Publish one run of an agent."""
    folder: Path = arguments.run
    if arguments.attempt < 1:
        raise UsageError("--attempt: attempts count from 1")
    evaluation, audit = folder / "evaluation.json", folder / "audit.json"
    found = Audited(
        run=read_document(folder / "run.json", AgentRun),
        evaluation=read_document(evaluation, AgentEvaluation) if evaluation.is_file() else None,
        audit=read_document(audit, Audit),
        digests={**digests(folder), "audit": f"sha256:{hashlib.sha256(audit.read_bytes()).hexdigest()}"},
    )
    result = result_of(found, arguments.attempt)
    if faults := result_faults(result, mean_with_error):
        raise UsageError(
            f"{folder}: its documents contradict each other: {'; '.join(faults)}: audit and evaluate it again"
        )
    home = arguments.leaderboard / HOME
    if (home / REFERENCES).is_file():
        require_comparable(result, read_plain(home / REFERENCES, AgentsReferences))
    path = home / "runs" / f"{result.id}.json"
    if path.exists():
        raise UsageError(f"{path} is there: published runs are never overwritten; correct one with a change")
    write_document(path, result)
    print(f"added {path}")
    return 0


def agents_board(leaderboard: Path) -> AgentsBoard | None:
    """Return the agents' board, None where the leaderboard has no references for one."""
    home = leaderboard / HOME
    if not (home / REFERENCES).is_file():
        return None
    references = read_plain(home / REFERENCES, AgentsReferences)
    changes = _all(home / "changes", _read_change)
    agents = agents_of(_all(home / "runs", read_result), Standard(references), changes)
    return build_board(agents, references, changes)


def write_agents_board(leaderboard: Path) -> Path | None:
    """Build the agents' board and write it beside the other one; None where there is none."""
    board = agents_board(leaderboard)
    if board is not None:
        write_document(leaderboard / BOARD, board)
    return leaderboard / BOARD if board else None


def read_result(path: Path) -> AgentsResult:
    """Return a published run; raises DocumentError for one that is not as it was written, or contradicts itself."""
    result = read_written(path, AgentsResult)
    faults = result_faults(result, mean_with_error)
    if path.stem != result.id:
        faults.append(f"id: the file says {result.id!r}: a run is named <run-id>.json")
    if faults:
        raise DocumentError(f"{path}: {'; '.join(faults)}")
    return result


def _read_change(path: Path) -> Change:
    return read_plain(path, Change)


def _all(folder: Path, read: Callable[[Path], D]) -> list[D]:
    paths, faults = listed(folder)
    for fault in faults:
        raise DocumentError(fault)
    return [read(path) for path in paths]
