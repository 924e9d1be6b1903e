"""The ledger: one document per launch in a folder; whoever changes it holds the folder (``model.lock``)."""

from __future__ import annotations

from pathlib import Path

from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.launch import Launch


def read_ledger(folder: Path) -> list[Launch]:
    """Return all launches by name."""
    return [documents.read_document(path, Launch) for path in sorted(folder.glob("pta-*.json"))]


def find(folder: Path, name: str) -> Launch | None:
    """Return a launch; None where the ledger has none of this name."""
    path = _path(folder, name)
    return documents.read_document(path, Launch) if path.exists() else None


def get(folder: Path, name: str) -> Launch:
    """Return a launch; raises UsageError where the ledger has none of this name."""
    launch = find(folder, name)
    if launch is None:
        known = ", ".join(one.name for one in read_ledger(folder)) or "nothing"
        raise UsageError(f"{folder}: no launch {name!r}: it has {known}")
    return launch


def keep(folder: Path, launch: Launch) -> Launch:
    """Write a launch into the ledger and return it."""
    documents.write_document(_path(folder, launch.name), launch)
    return launch


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
