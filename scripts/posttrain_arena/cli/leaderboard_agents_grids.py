"""Score grids of cells that others published, for `arena leaderboard grids`."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from posttrain_arena.cli import leaderboard_agents_folder
from posttrain_arena.core.agents_board.aggregate import Grid
from posttrain_arena.core.agents_board.board import Agent, build_board
from posttrain_arena.core.agents_board.published_fallbacks import Fallbacks, of_grid, read_fallbacks, refuse_unmatched
from posttrain_arena.core.agents_board.published_grids import read_grid
from posttrain_arena.core.agents_board.published_references import (
    References,
    as_document,
    read_few_shot,
    read_references,
)
from posttrain_arena.core.agents_board.published_tables import read_table
from posttrain_arena.core.agents_board.published_version.folder import DEVIATIONS
from posttrain_arena.core.agents_board.published_weights import Weighing, read_weights, weigh
from posttrain_arena.core.agents_board.told import told
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_board import AgentsCell
from posttrain_arena.model.documents import encode, to_document

NamedFile = tuple[str, Path]
"""Agent, file of one of its runs."""


def add_grids(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `grids`."""
    parser.add_argument("grids", metavar="AGENT=FILE", nargs="*", help="a CSV of cells; an agent has one for each run")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--baselines", metavar="FILE", type=Path, help="CSV of base and instruct scores")
    source.add_argument(
        "--folder",
        metavar="DIR",
        type=Path,
        help="a whole published version: compute what follows from its grids, compare it with all that the folder says "
        "(exit code 1 where a number differs); AGENT=FILE then names runs of an agent among its files",
    )
    parser.add_argument(
        "--weights", metavar="FILE", type=Path, help="JSON of benchmark → weight, where they are of another rule"
    )
    parser.add_argument(
        "--few-shot", metavar="FILE", type=Path, help="CSV of few-shot scores, where they are not there"
    )
    parser.add_argument(
        "--base-models",
        metavar="NAMES",
        type=_names,
        default=(),
        help="base models, with commas between; needed where the baselines have no column kind, and neither the "
        "few-shot scores nor the grids have a row for each",
    )
    parser.add_argument(
        "--flagged",
        metavar="FILE",
        type=Path,
        help="CSV of cells that fall back: agent (or method), base_model, benchmark and, where not all are flags, "
        "reason; an agent is named as in AGENT=FILE, or as its FILE is without aggregated_ or final_",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run_grids(arguments: argparse.Namespace) -> int:
    """Score grids of cells that others published; a folder is also compared with what it says, 1 where that differs."""
    files = _files(arguments.grids)
    if arguments.folder is not None:
        if arguments.few_shot or arguments.base_models or arguments.flagged:
            raise UsageError("--folder reads these from the folder: leave --few-shot, --base-models and --flagged out")
        return leaderboard_agents_folder.run_folder(arguments, files)
    found = _references(arguments, files)
    weighing = _weighing(arguments.weights, found)
    fallbacks = _fallbacks(arguments.flagged, found, files) if arguments.flagged else {}
    by_agent: dict[str, list[Grid]] = defaultdict(list)
    for name, path in files:
        own = of_grid(fallbacks, name, path)
        by_agent[name].append(read_grid(_text(path), found.base, fallbacks=own, where=str(path)))
    agents = [_agent(name, grids) for name, grids in by_agent.items()]
    board = build_board(agents, as_document(found), weighed=weighing.weights)
    print("".join(f"{note}\n" for note in weighing.notes), end="", file=sys.stderr)
    print(encode(to_document(board)).decode() if arguments.format == "json" else told(board), end="")
    return 0


def _references(arguments: argparse.Namespace, files: Sequence[NamedFile]) -> References:
    """Return the baselines; what is not named as a base model is known by the few-shot scores and the grids."""
    named: set[str] = set(arguments.base_models)
    for path in [arguments.few_shot, *(path for _, path in files)]:
        if path and not arguments.base_models:
            named |= {line.cells["model"] for line in read_table(_text(path), where=str(path)).lines}
    found = read_references(_text(arguments.baselines), base_models=named, where=str(arguments.baselines))
    if unknown := sorted(set(arguments.base_models) - set(found.base)):
        raise UsageError(f"--base-models: {', '.join(unknown)}: no such base model in {arguments.baselines}")
    if arguments.few_shot is None:
        return found
    if found.few_shot:
        raise UsageError(f"{arguments.baselines} has few-shot scores itself: leave --few-shot out")
    return replace(found, few_shot=read_few_shot(_text(arguments.few_shot), found, where=str(arguments.few_shot)))


def _weighing(path: Path | None, found: References) -> Weighing:
    """Return the weights; a board shows what the instruct models have on each benchmark, also with given weights."""
    if path is None:
        return weigh(found)
    if bare := [name for name in found.benchmarks if not any(name in row for row in found.instruct.values())]:
        raise UsageError(f"{', '.join(bare)}: no instruct model has a score: add one to the baselines")
    return read_weights(_text(path), found.benchmarks, where=str(path))


def _fallbacks(path: Path, found: References, files: Sequence[NamedFile]) -> Fallbacks:
    places = {(model, name) for model, row in found.base.items() for name in row}
    fallbacks = read_fallbacks(_text(path), places, where=str(path))
    refuse_unmatched(fallbacks, files, where=str(path))
    return fallbacks


def _agent(name: str, grids: Iterable[Grid]) -> Agent:
    attempts = [
        {
            (model, benchmark): AgentsCell(
                run=None, attempt=number, raw=cell.raw, used=cell.used, reason=cell.reason, why=cell.why
            )
            for model, row in grid.items()
            for benchmark, cell in row.items()
        }
        for number, grid in enumerate(grids, start=1)
    ]
    return Agent(name=name, entry="", attempts=attempts)


def _files(texts: Sequence[str]) -> list[NamedFile]:
    files: list[NamedFile] = []
    for text in texts:
        name, equals, path = text.partition("=")
        if not name or not equals or not path:
            raise UsageError(f"{text}: write AGENT=FILE")
        if (name, Path(path)) in files:
            raise UsageError(f"{text}: is there twice: each run has its own file")
        if Path(path).name.startswith(DEVIATIONS):
            raise UsageError(f"{text}: that grid has SDs, no scores: name the grids of the runs")
        files.append((name, Path(path)))
    return files


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
