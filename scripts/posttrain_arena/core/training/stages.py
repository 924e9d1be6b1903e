"""Run a stage once per input: skip what is done, resume what was cut off, redo what no longer fits."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from posttrain_arena.core.training.disk import disk_faults_named
from posttrain_arena.errors import ArenaError, DocumentError
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact, Manifest

MANIFEST = "manifest.json"
_INPUTS = "inputs.json"

NAMED_BY_INPUTS: Mapping[str, Fact] = {"named_by": "inputs"}
"""The fact of a stage that every machine does for itself, with its own rounding: what it was made from names it."""

Work: TypeAlias = Callable[[Path], Mapping[str, Fact]]
"""Does a stage's work in the folder it is given and returns facts about it; may find its own earlier half there."""


def run_stage(
    folder: Path, inputs: Mapping[str, str], work: Work, *, tell: Callable[[str], None] = lambda text: None
) -> tuple[Manifest, bool]:
    """Return the stage's manifest, and whether it was done before.

    ``folder`` holds everything the stage writes. A whole stage with the same inputs is left alone; a half-done one
    with the same inputs is handed to ``work`` again; anything else in the folder is removed first. ``tell`` hears why
    a stage that was whole once is run again. Raises StorageError where the disk does not take what is written.
    """
    manifest, unfit = _examined(folder, inputs)
    if manifest is not None and not unfit:
        return manifest, True
    if unfit:
        tell(f"{folder}: {unfit}: the stage runs again")
    if unfit or _started_with(folder) != dict(inputs):
        shutil.rmtree(folder, ignore_errors=True)
    with disk_faults_named(folder):
        return _run(folder, inputs, work), False


def _run(folder: Path, inputs: Mapping[str, str], work: Work) -> Manifest:
    documents.write_bytes(folder / _INPUTS, documents.encode(dict(inputs)))
    began = time.monotonic()
    facts = work(folder)
    manifest = Manifest(
        stage=folder.name,
        inputs=dict(inputs),
        files=_files(folder),
        seconds=round(time.monotonic() - began, 3),
        facts=dict(facts),
    )
    documents.write_document(folder / MANIFEST, manifest)
    return manifest


def finished(folder: Path, inputs: Mapping[str, str]) -> Manifest | None:
    """Return the manifest of a whole stage that had these inputs and whose files are still what it says."""
    manifest, unfit = _examined(folder, inputs)
    return None if unfit else manifest


def whole(folder: Path) -> Manifest:
    """Return the manifest of a stage that others use, whatever its inputs were.

    Raises DocumentError where there is none, and ArenaError with the files that are not what it names.
    """
    manifest = documents.read_document(folder / MANIFEST, Manifest)
    damaged = _damaged(folder, manifest)
    if damaged:
        raise ArenaError(f"{folder}: damaged, {damaged}: run the stage again")
    return manifest


def _examined(folder: Path, inputs: Mapping[str, str]) -> tuple[Manifest | None, str]:
    """Return the manifest, where there is a readable one, and why the stage is not what is asked for."""
    if not (folder / MANIFEST).exists():
        return None, ""
    try:
        manifest = documents.read_document(folder / MANIFEST, Manifest)
    except DocumentError as error:
        return None, str(error)
    others = sorted({name for name, _ in manifest.inputs.items() ^ inputs.items()})
    if others:
        return manifest, f"was made from another {_some(others)}"
    return manifest, _damaged(folder, manifest)


def _damaged(folder: Path, manifest: Manifest) -> str:
    files = sorted({name for name, _ in manifest.files.items() ^ _files(folder).items()})
    return f"not as its manifest says: {_some(files)}" if files else ""


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def output_digest(manifest: Manifest) -> str:
    """Return the digest that names everything a stage gave, for the stages that build on it."""
    made_anywhere = NAMED_BY_INPUTS.items() <= manifest.facts.items()
    return documents.digest(manifest.inputs if made_anywhere else manifest.files)


def _started_with(folder: Path) -> dict[str, str] | None:
    try:
        doc = json.loads((folder / _INPUTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return doc if isinstance(doc, dict) else None


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != _INPUTS and path != folder / MANIFEST
    }
