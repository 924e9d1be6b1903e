"""Read a job and what it names, and refuse what is not what the job pins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest


def read_job(path: Path) -> tuple[Job, Recipe]:
    """Return the job and its recipe; raises UsageError where the recipe is not the one the job pins."""
    job = documents.read_document(path, Job)
    recipe = read_recipe(path.parent / job.recipe.path)
    _require(job.recipe.digest, documents.digest(documents.to_document(recipe)), "the recipe", job.recipe.path)
    return job, recipe


def read_entry(path: Path, job: Job) -> list[TaskPackage]:
    """Return the packages of the job's entry; raises UsageError where its files are not those the job pins."""
    entry = path.parent / job.entry.path
    _require(job.entry.digest, tree_digest(entry), "the entry", job.entry.path)
    return [load_package(folder) for folder in packages_in(entry / "envs")]


def read_suite(folder: Path, job: Job) -> tuple[Suite, Mapping[str, TaskPackage]]:
    """Return the suite in ``folder`` and its packages; raises UsageError where it is not the job's."""
    suite = documents.read_document(folder / "suite.json", Suite)
    _require(job.suite.digest, suite.digest, "the suite", str(folder))
    return suite, {task.id: load_package(folder / task.path) for task in suite.tasks}


def _require(pinned: str, found: str, what: str, where: str) -> None:
    if pinned != found:
        raise UsageError(f"{what} at {where} is not the one the job pins ({found}, not {pinned}): make a new job")
