"""Make the demo's entry, suite and job from the starting kit's families."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.families import Draw, Split, render_family
from posttrain_arena.core.suites.fix import fix_suite
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model import documents
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest

FAMILIES = documents.REPOSITORY_ROOT / "starting-kit" / "families"
RECIPES = documents.REPOSITORY_ROOT / "sky" / "recipes"
ENTRY = "demo-team"
SUITE = "tiny-held-out"
TRAINED_FAMILY, OTHER_FAMILY = "copy-word", "copy-colour"
SPLIT_GROUP = "held-out split"
FAMILY_GROUP = "held-out family"

_MANIFEST = """\
team_name: Demo team
title: Copy a word from one file to another
track: environments
contact_email: kit@posttrain-arena.org
license: CC-BY-4.0 AND Apache-2.0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Which recipe is run, and how many packages entry and suite have."""

    recipe: str
    entry: int
    split: int
    family: int


FULL = Sizes(recipe="tiny", entry=48, split=24, family=12)
SHORT = Sizes(recipe="tiny-short", entry=8, split=4, family=2)
"""The same loop with fewer tasks, trials and steps: it shows that all of it works, not that it learns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """Everything the demo starts from, on disk and as values."""

    folder: Path
    recipe: Recipe
    entry: Path
    tasks: Sequence[TaskPackage]
    suite: Suite
    suite_tasks: Mapping[str, TaskPackage]

    def job(self, seed: int, *, beside: Path) -> Job:
        """Return the job of one training seed, to be written into the folder ``beside``."""
        above = os.path.relpath(self.folder, beside)
        return Job(
            entry=EntryRef(
                name=ENTRY,
                team="Demo team",
                track="environments",
                path=f"{above}/entry/{ENTRY}",
                digest=tree_digest(self.entry),
            ),
            recipe=RecipeRef(
                path=f"{above}/recipe.json",
                digest=documents.digest(documents.to_document(self.recipe)),
            ),
            suite=SuiteRef(name=SUITE, digest=self.suite.digest),
            seed=seed,
        )


def make_kit(folder: Path, sizes: Sizes) -> Kit:
    """Write entry and suite below ``folder`` anew; the same sizes always give the same bytes."""
    entry, suite = folder / "entry" / ENTRY, folder / "suite"
    for made in (entry, suite):
        shutil.rmtree(made, ignore_errors=True)
    documents.write_bytes(entry / "submission.yaml", _MANIFEST.encode())
    tasks = _packages(TRAINED_FAMILY, "train", sizes.entry, entry / "envs")
    groups = {
        SPLIT_GROUP: _packages(TRAINED_FAMILY, "held-out", sizes.split, suite),
        FAMILY_GROUP: _packages(OTHER_FAMILY, "held-out", sizes.family, suite),
    }
    fixed = fix_suite(SUITE, groups, folder=suite)
    documents.write_document(suite / "suite.json", fixed)
    recipe = read_recipe(RECIPES / f"{sizes.recipe}.yaml")
    documents.write_document(folder / "recipe.json", recipe)
    return Kit(
        folder=folder,
        recipe=recipe,
        entry=entry,
        tasks=tasks,
        suite=fixed,
        suite_tasks={task.name: task for tasks in groups.values() for task in tasks},
    )


def _packages(family: str, split: Split, count: int, out: Path) -> list[TaskPackage]:
    folders = render_family(FAMILIES / family, Draw(split=split, count=count, seed=0), out=out)
    return [load_package(folder) for folder in folders]
