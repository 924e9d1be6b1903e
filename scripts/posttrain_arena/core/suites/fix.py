"""Fix a suite: which held-out tasks, in which groups, with which bytes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from posttrain_arena.errors import UsageError
from posttrain_arena.model.suite import Suite, SuiteTask
from posttrain_arena.model.task import TaskPackage


def fix_suite(name: str, groups: Mapping[str, Sequence[TaskPackage]], *, folder: Path) -> Suite:
    """Return the suite of these packages, sorted by id; paths are relative to ``folder``, where it will be written.

    Raises UsageError where two packages have one name: a suite id must name one task.
    """
    tasks = [
        SuiteTask(
            id=package.name,
            path=package.path.resolve().relative_to(folder.resolve()).as_posix(),
            digest=package.digest,
            domain=package.category,
            group=group,
        )
        for group, packages in groups.items()
        for package in packages
    ]
    tasks.sort(key=lambda task: task.id)
    for first, second in itertools.pairwise(tasks):
        if first.id == second.id:
            raise UsageError(f"suite {name!r}: two packages are called {first.id!r}: rename one")
    return Suite(name=name, tasks=tuple(tasks))
