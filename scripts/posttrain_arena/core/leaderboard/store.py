"""The leaderboard folder: ``runs/<run-id>.json``, ``changes/<name>.json`` and ``leaderboard.json``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import read_plain, read_written, to_document, write_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun

MAX_RUN_BYTES = 32 * 1024 * 1024
BOARD_FILE = "leaderboard.json"


def run_path(leaderboard: Path, run_id: str) -> Path:
    """Return where a run lives; a run id is a slug by schema, so this stays inside the folder."""
    return leaderboard / "runs" / f"{run_id}.json"


def run_files(leaderboard: Path) -> list[Path]:
    """Return the run files by name; a folder that does not exist yet holds none.

    Raises DocumentError for what is not a plain ``.json`` file of a bearable size: links are never followed.
    """
    return _plain_files(leaderboard / "runs")


def _plain_files(folder: Path) -> list[Path]:
    paths, faults = listed(folder)
    for fault in faults:
        raise DocumentError(fault)
    return paths


def listed(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the plain .json files of a folder by name, and what else lies there; without the folder there is none."""
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    faults = {path: fault for path in paths if (fault := file_fault(path))}
    return [path for path in paths if path not in faults], [f"{path}: {fault}" for path, fault in faults.items()]


def file_fault(path: Path) -> str:
    """Return why a file does not belong into a leaderboard, "" where it does; it is not opened."""
    if path.is_symlink() or not path.is_file() or path.suffix != ".json":
        return "only plain .json files belong here: remove it"
    if path.stat().st_size > MAX_RUN_BYTES:
        return f"larger than {MAX_RUN_BYTES >> 20} MiB: nothing here is; remove it"
    return ""


def read_run(path: Path) -> LeaderboardRun:
    """Read one run; raises DocumentError where it is off its schema, was edited, or stands under another name."""
    run = read_written(path, LeaderboardRun)
    if path.name != f"{run.id}.json":
        raise DocumentError(f"{path}: id: the file says {run.id!r}: a run is named <run-id>.json")
    return run


def read_runs(leaderboard: Path) -> list[LeaderboardRun]:
    """Read every run, sorted by file name."""
    return [read_run(path) for path in run_files(leaderboard)]


def read_changes(leaderboard: Path) -> list[Change]:
    """Read every change, in the order of the file names; a folder that does not exist yet holds none."""
    return [read_plain(path, Change) for path in _plain_files(leaderboard / "changes")]


def next_attempt(runs: Iterable[LeaderboardRun], entry: str, suite_digest: str) -> int:
    """Return the number of the next attempt of ``entry`` on a suite."""
    return 1 + max((run.attempt for run in _attempts(runs, entry, suite_digest)), default=0)


def write_run(leaderboard: Path, run: LeaderboardRun) -> Path:
    """Write a run that is known to be sound; the same run written twice changes nothing.

    Raises UsageError for a second run with the same attempt number, or a changed run under an id that is taken.
    """
    path = run_path(leaderboard, run.id)
    if path.exists():
        if to_document(read_run(path)) != to_document(run):
            raise UsageError(f"{path}: exists and differs: a published run is never replaced")
        return path
    others = read_runs(leaderboard)
    for other in others:
        if other.suite.digest == run.suite.digest and other.task_pins != run.task_pins:
            raise UsageError(f"{run.id}: its tasks are not those of {other.id}, on a suite with the same digest")
    for other in _attempts(others, run.entry.name, run.suite.digest):
        if other.attempt == run.attempt:
            number = next_attempt(others, run.entry.name, run.suite.digest)
            raise UsageError(f"{run.id}: attempt {run.attempt} of {run.entry.name} is {other.id}: make it {number}")
    write_document(path, run)
    return path


def refuse_non_finite(doc: Any, *, where: str) -> None:
    """Raise UsageError for the first number that JSON cannot hold."""
    for at, value in _leaves(doc, ""):
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{where}: {at} is {value}: write null where nothing was measured")


def _leaves(doc: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(doc, dict):
        for key, value in doc.items():
            yield from _leaves(value, f"{at}/{key}" if at else str(key))
    elif isinstance(doc, (list, tuple)):
        for index, value in enumerate(doc):
            yield from _leaves(value, f"{at}/{index}")
    else:
        yield at, doc


def _attempts(runs: Iterable[LeaderboardRun], entry: str, suite_digest: str) -> Iterator[LeaderboardRun]:
    return (run for run in runs if run.entry.name == entry and run.suite.digest == suite_digest)
