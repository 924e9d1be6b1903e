"""Lay out what a machine is given: the arena's own code, and of a job what its stage may see.

SkyPilot's API server unpacks what another machine sends it without executable bits, and buckets have none. So lists of
the files that had them come along, ended by NUL bytes, and ``sky/node.sh`` gives the bits back.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import TAKES_ENTRY, StageName
from posttrain_arena.model.reference_agent import Acting

CODE = (
    "LICENSE",
    "README.md",
    "competition.yaml",
    "constraints.txt",
    "pyproject.toml",
    "requirements",
    "schemas",
    "scripts",
    "sky",
    "starting-kit/base-image",
)
"""What of this repository runs on a machine. Not submissions and not the public sample: no other task comes along."""

_BUILT = shutil.ignore_patterns("__pycache__", "*.egg-info")
ENTRY = "entry"
"""The folder of the entry beside its job, in the ledger as on a machine."""

_RECIPE = "recipe.json"
_EXECUTABLE, _SUITE_EXECUTABLE = "executable", "suite-executable"


def stage_code(out: Path, *, source: Path = documents.REPOSITORY_ROOT) -> Path:
    """Copy the arena's code to ``out``, anew."""
    shutil.rmtree(out, ignore_errors=True)
    for name in CODE:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, out / name, ignore=_BUILT)
        else:
            shutil.copy2(source / name, out / name)
    _list_executables(out, out / _EXECUTABLE)
    return out


def stage_job(out: Path, stage: StageName, job: Job, *, recipe: Acting, entry: Path, suite: str = "") -> Path:
    """Write a job to ``out`` as ``stage`` may see it: its own digest, the recipe, and the entry where it is needed.

    Of a ``suite`` in a folder here, but for training, comes which of its files are executable.
    """
    shutil.rmtree(out, ignore_errors=True)
    moved = dataclasses.replace(
        job,
        entry=dataclasses.replace(job.entry, path=ENTRY),
        recipe=dataclasses.replace(job.recipe, path=_RECIPE),
    )
    documents.write_document(out / "job.json", moved)
    documents.write_document(out / _RECIPE, recipe)
    if stage in TAKES_ENTRY:
        shutil.copytree(entry, out / ENTRY, symlinks=True)
        _list_executables(out, out / _EXECUTABLE)
    if stage != "post-train" and suite and "://" not in suite:
        _list_executables(Path(suite), out / _SUITE_EXECUTABLE)
    return out


def _list_executables(folder: Path, path: Path) -> None:
    found = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]
    names = [file.relative_to(folder).as_posix() for file in found if file.stat().st_mode & 0o111]
    documents.write_bytes(path, b"".join(name.encode() + b"\0" for name in names))
