"""Read a job and what it names, and refuse what is not what the job pins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from posttrain_arena.cli.packages import load_package
from posttrain_arena.cli.skill_sets import read_agent, skill_set
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.core.trial.skills import SkillSet
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.reference_agent import Acting, ReferenceAgent
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest


def read_job(path: Path) -> tuple[Job, Acting]:
    """Return the job and its recipe, or its reference agent; raises UsageError where it is not the one the job pins."""
    job = documents.read_document(path, Job)
    place = path.parent / job.recipe.path
    acting = read_agent(place) if job.entry.track == "skills" else read_recipe(place)
    what = "the reference agent" if isinstance(acting, ReferenceAgent) else "the recipe"
    _require(job.recipe.digest, documents.digest(documents.to_document(acting)), what, job.recipe.path)
    return job, acting


def read_training_job(path: Path) -> tuple[Job, Recipe]:
    """Return a job that trains and its recipe; raises UsageError for one of another track too."""
    job, acting = read_job(path)
    if not isinstance(acting, Recipe):
        raise UsageError(f"{path}: is of the track {job.entry.track}, on which nothing is trained")
    return job, acting


def read_skills(path: Path, job: Job) -> SkillSet:
    """Return the skills of the job's entry; raises UsageError where they are not those the job pins, or none."""
    entry = path.parent / job.entry.path
    _require(job.entry.digest, tree_digest(entry), "the entry", job.entry.path)
    return skill_set(entry, job.entry.digest)


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
