"""Lay out what a machine is given: the arena's own code, and of a job what its stage may see."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import StageName
from posttrain_arena.model.recipe import Recipe

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
_ENTRY, _RECIPE = "entry", "recipe.json"


def stage_code(out: Path, *, source: Path = documents.REPOSITORY_ROOT) -> Path:
    """Copy the arena's code to ``out``, anew."""
    shutil.rmtree(out, ignore_errors=True)
    for name in CODE:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, out / name, ignore=_BUILT)
        else:
            shutil.copy2(source / name, out / name)
    return out


def stage_job(out: Path, stage: StageName, job: Job, *, recipe: Recipe, entry: Path) -> Path:
    """Write a job to ``out`` as ``stage`` may see it: its own digest, the recipe, and for training alone the entry."""
    shutil.rmtree(out, ignore_errors=True)
    moved = dataclasses.replace(
        job,
        entry=dataclasses.replace(job.entry, path=_ENTRY),
        recipe=dataclasses.replace(job.recipe, path=_RECIPE),
    )
    documents.write_document(out / "job.json", moved)
    documents.write_document(out / _RECIPE, recipe)
    if stage == "post-train":
        shutil.copytree(entry, out / _ENTRY, symlinks=True)
    return out
