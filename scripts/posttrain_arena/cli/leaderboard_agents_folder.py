"""Compare a published version with what follows from its own grids, for `arena leaderboard grids --folder`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from posttrain_arena.core.agents_board.published_version.averages import known_runs
from posttrain_arena.core.agents_board.published_version.folder import Folder, sort_files
from posttrain_arena.core.agents_board.published_version.report import report
from posttrain_arena.core.agents_board.published_version.told import as_json, told
from posttrain_arena.core.agents_board.published_version.version import compute
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import encode


def run_folder(arguments: argparse.Namespace, files: Sequence[tuple[str, Path]]) -> int:
    """Print a version and what was compared of it; return 1 where a number differs."""
    folder = _folder(arguments.folder)
    runs = known_runs(folder) | _given(folder, files)
    given = _text(arguments.weights) if arguments.weights else None
    found = report(compute(folder, given, runs, where=str(arguments.weights)))
    print(encode(as_json(found)).decode() if arguments.format == "json" else told(found), end="")
    return 1 if found.different else 0


def _folder(path: Path) -> Folder:
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder: name that of a published version")
    texts = {file.name: _text(file) for file in path.iterdir() if file.is_file() and file.suffix in (".csv", ".json")}
    others = [f"{file.name}{'/' * file.is_dir()}" for file in path.iterdir() if file.name not in texts]
    return sort_files(texts, others, name=str(path))


def _given(folder: Folder, files: Sequence[tuple[str, Path]]) -> dict[str, tuple[str, ...]]:
    """Return agent → methods of the runs that are named on the command line."""
    methods = {file: name for group in (folder.final, folder.raw) for name, file in group.items()}
    found: dict[str, tuple[str, ...]] = {}
    for agent, path in files:
        if path.name not in methods:
            raise UsageError(f"{agent}={path}: no raw or final grid of {folder.name}: name one of its files")
        found[agent] = (*found.get(agent, ()), methods[path.name])
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
