"""The agents' board for `arena leaderboard`: publish audited runs, build the board, score grids of others."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from posttrain_arena.adapters.agents.audited_run import digests
from posttrain_arena.core.agents_board import published_grids
from posttrain_arena.core.agents_board.aggregate import Grid
from posttrain_arena.core.agents_board.board import Agent, Standard, build_board
from posttrain_arena.core.agents_board.results import Audited, agents_of, result_of
from posttrain_arena.core.agents_board.told import told
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.core.leaderboard.store import listed
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentRun
from posttrain_arena.model.agents_board import AgentsBoard, AgentsCell
from posttrain_arena.model.agents_references import AgentsReferences, ReferenceKind, ReferenceScore
from posttrain_arena.model.agents_result import AgentsResult
from posttrain_arena.model.audit import Audit
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import Document, encode, read_document, read_plain, to_document, write_document

HOME = "agents"
REFERENCES = "references.json"
BOARD = "agents.json"

D = TypeVar("D", bound=Document)


def add_add_agent(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `add-agent`."""
    parser.add_argument("run", metavar="RUN", type=Path, help="folder of a run that was evaluated and audited")
    parser.add_argument("--attempt", type=int, default=1, help="which attempt of the agent (default 1): one score each")


def run_add_agent(arguments: argparse.Namespace) -> int:
    """Publish one run of an agent."""
    folder: Path = arguments.run
    if arguments.attempt < 1:
        raise UsageError("--attempt: attempts count from 1")
    evaluation = folder / "evaluation.json"
    found = Audited(
        run=read_document(folder / "run.json", AgentRun),
        evaluation=read_document(evaluation, AgentEvaluation) if evaluation.is_file() else None,
        audit=read_document(folder / "audit.json", Audit),
        digests=digests(folder),
    )
    result = result_of(found, arguments.attempt)
    path = arguments.leaderboard / HOME / "runs" / f"{result.id}.json"
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
    changes = _all(home / "changes", Change)
    agents = agents_of(_all(home / "runs", AgentsResult), Standard(references), changes)
    return build_board(agents, references, changes)


def write_agents_board(leaderboard: Path) -> Path | None:
    """Build the agents' board and write it beside the other one; None where there is none."""
    board = agents_board(leaderboard)
    if board is not None:
        write_document(leaderboard / BOARD, board)
    return leaderboard / BOARD if board else None


def add_grids(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `grids`."""
    parser.add_argument("grids", metavar="AGENT=FILE", nargs="*", help="a CSV of cells; one agent may have several")
    parser.add_argument("--baselines", metavar="FILE", type=Path, required=True, help="CSV of base and instruct scores")
    parser.add_argument(
        "--few-shot", metavar="FILE", type=Path, help="CSV of few-shot scores, where they are not there"
    )
    parser.add_argument("--flagged", metavar="FILE", type=Path, help="CSV with agent, base_model, benchmark")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run_grids(arguments: argparse.Namespace) -> int:
    """Score grids of cells that others published."""
    files = [_named(text) for text in arguments.grids]
    named = {row["model"] for _, path in files for row in published_grids.read_rows(_text(path), where=str(path))}
    found = published_grids.read_references(
        _text(arguments.baselines), base_models=named, where=str(arguments.baselines)
    )
    few_shot = found.few_shot
    if arguments.few_shot:
        where = str(arguments.few_shot)
        few_shot = published_grids.read_references(_text(arguments.few_shot), base_models=found.base, where=where).base
    references = _references(found, few_shot)
    flagged = _flagged(arguments.flagged) if arguments.flagged else set()
    by_agent: dict[str, list[Grid]] = defaultdict(list)
    for name, path in files:
        own = {(model, benchmark) for agent, model, benchmark in flagged if agent == name}
        by_agent[name].append(published_grids.read_grid(_text(path), found.base, flagged=own, where=str(path)))
    board = build_board([_agent(name, grids) for name, grids in by_agent.items()], references)
    print(encode(to_document(board)).decode() if arguments.format == "json" else told(board), end="")
    return 0


def _agent(name: str, grids: Iterable[Grid]) -> Agent:
    attempts = [
        {
            (model, benchmark): AgentsCell(run=None, attempt=number, raw=cell.raw, used=cell.used, reason=cell.reason)
            for model, row in grid.items()
            for benchmark, cell in row.items()
        }
        for number, grid in enumerate(grids, start=1)
    ]
    return Agent(name=name, entry="", attempts=attempts)


def _references(found: published_grids.References, few_shot: Scores) -> AgentsReferences:
    """Return references from tables whose rows pair base and instruct models by their order."""
    if len(found.base) != len(found.instruct):
        raise UsageError(
            f"{len(found.base)} base models and {len(found.instruct)} instruct models: give as many of both"
        )
    pairs = dict(zip(found.base, found.instruct, strict=True))
    tables: tuple[tuple[ReferenceKind, Scores, dict[str, str]], ...] = (
        ("base", found.base, {name: name for name in pairs}),
        ("instruct", {base: found.instruct[name] for base, name in pairs.items()}, pairs),
        ("few-shot", few_shot, {name: name for name in few_shot}),
    )
    return AgentsReferences(
        scores=tuple(
            ReferenceScore(kind=kind, model=names[base], base_model=base, benchmark=benchmark, score=score)
            for kind, table, names in tables
            for base, row in table.items()
            for benchmark, score in row.items()
        )
    )


def _flagged(path: Path) -> set[tuple[str, str, str]]:
    try:
        rows = published_grids.read_table(_text(path))
        return {(row["agent"], row["base_model"], row["benchmark"]) for row in rows}
    except KeyError as error:
        raise UsageError(f"{path}: no column {error}: it needs agent, base_model, benchmark") from error


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not name or not equals or not path:
        raise UsageError(f"{text}: write AGENT=FILE")
    return name, Path(path)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def _all(folder: Path, cls: type[D]) -> list[D]:
    paths, faults = listed(folder)
    for fault in faults:
        raise DocumentError(fault)
    return [read_plain(path, cls) for path in paths]
