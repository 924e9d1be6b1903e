"""The sealed part of the leaderboard's folder: ``sealed/suite.json``, ``revealed.json`` and ``runs/<id>.json``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.leaderboard.sealed import projected, require_same, revealed_task_faults
from posttrain_arena.core.leaderboard.store import file_fault, listed, write_run
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model.documents import D, read_written, write_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import SealedRun
from posttrain_arena.model.sealed_suite import RevealedSuite, SealedSuite


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What is published of the sealed suite; ``runs`` by their files."""

    record: SealedSuite | None
    revealed: RevealedSuite | None
    runs: Mapping[Path, SealedRun]


def record_path(leaderboard: Path) -> Path:
    """Return where the public record lies."""
    return leaderboard / "sealed" / "suite.json"


def revealed_path(leaderboard: Path) -> Path:
    """Return where the revealed record lies."""
    return leaderboard / "sealed" / "revealed.json"


def sealed_run_path(leaderboard: Path, run: str) -> Path:
    """Return where the aggregates of a run lie."""
    return leaderboard / "sealed" / "runs" / f"{run}.json"


def read_sealed(leaderboard: Path) -> tuple[Sealed, list[str]]:
    """Return what can be read of the sealed part, and what is wrong with the rest, by file."""
    paths, faults = listed(leaderboard / "sealed" / "runs")
    record = _read(record_path(leaderboard), SealedSuite, faults)
    revealed = _read(revealed_path(leaderboard), RevealedSuite, faults)
    if record is None and (revealed is not None or paths):
        faults.append(f"{record_path(leaderboard)}: is missing: what else is sealed hangs on it")
    runs = {path: run for path in paths if (run := _read(path, SealedRun, faults)) is not None}
    faults += [f"{path}: id: the file says {run.id!r}" for path, run in runs.items() if path.name != f"{run.id}.json"]
    return Sealed(record=record, revealed=revealed, runs=runs), faults


def sound_sealed(leaderboard: Path) -> Sealed:
    """Return the sealed part; raises DocumentError for the first thing that is wrong with it: no run is passed over."""
    sealed, faults = read_sealed(leaderboard)
    for fault in faults:
        raise DocumentError(fault)
    return sealed


def add_sealed(leaderboard: Path, run: LeaderboardRun) -> Path:
    """Publish a sound run on the sealed suite: before the reveal its aggregates, after it the whole.

    Raises UsageError for a run on another suite than the one that is sealed here, for a second run with its attempt
    number, and after the reveal for a run of which nothing was published before.
    """
    sealed = sound_sealed(leaderboard)
    path, record = sealed_run_path(leaderboard, run.id), sealed.record
    if record is None or run.suite.digest != f"sha256:{record.root}":
        raise UsageError(f"{run.id}: {record_path(leaderboard)} is not the record of the suite that it was measured on")
    before = sealed.runs.get(path)
    if sealed.revealed is not None:
        require_same(run, before)
        for fault in revealed_task_faults(run, sealed.revealed):
            raise UsageError(f"{run.id}: {fault}")
        return write_run(leaderboard, run)
    if before is not None:
        require_same(run, before)
        return path
    for other in sealed.runs.values():
        if (other.entry.name, other.attempt) == (run.entry.name, run.attempt):
            raise UsageError(f"{run.id}: attempt {run.attempt} of {run.entry.name} is {other.id}: give it the next")
    write_document(path, projected(run))
    return path


def _read(path: Path, cls: type[D], faults: list[str]) -> D | None:
    if not os.path.lexists(path):
        return None
    if fault := file_fault(path):
        faults.append(f"{path}: {fault}")
        return None
    try:
        return read_written(path, cls)
    except DocumentError as error:
        faults.append(str(error))
        return None
