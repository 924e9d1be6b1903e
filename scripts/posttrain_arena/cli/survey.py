"""Wire the check of a tree to the clock, to git and to what is remembered from the last time."""

from __future__ import annotations

import gc
import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

from posttrain_arena.adapters.processes import in_processes
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.check.remembered import Memory, keep, recall, version_of
from posttrain_arena.core.check.survey import FEW, Changes, Survey, check_all
from posttrain_arena.core.check.targets import Targets
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.report import Level, Subject
from posttrain_arena.model.shown import shown

REPOSITORY = documents.REPOSITORY_ROOT
SAMPLE = REPOSITORY / "starting-kit" / "public-sample"
EXAMPLES = REPOSITORY / "starting-kit" / "examples"
MEMORIES = REPOSITORY / ".arena" / "check"
CHECKER = (
    "competition.yaml",
    "schemas",
    "scripts/posttrain_arena",
    "starting-kit/public-sample",
    "starting-kit/examples",
)
"""What a finding depends on beside the package."""


def survey(targets: Targets, *, level: Level, changed_from: str | None, remember: bool) -> list[tuple[Path, Subject]]:
    """Check the targets; of many packages, those that did not change since the last time are not read again."""
    root = Path.cwd()
    wanted = Survey(
        root=root,
        competition=read_competition(REPOSITORY / "competition.yaml"),
        level=level,
        sample=SAMPLE,
        examples=EXAMPLES,
        now_ns=time.time_ns(),
        memory=Memory(version=""),
        share=in_processes,
    )
    if changed_from is None and (not remember or _is_few(targets)):
        return check_all(targets, wanted)
    place = MEMORIES / hashlib.sha256(os.fsencode(root)).hexdigest()[:32]
    version = f"{level} {version_of([path for name in CHECKER if (path := REPOSITORY / name).exists()])}"
    memory = recall(place, version=version) if remember else Memory(version=version)
    gc.freeze()  # thousands of rows that live to the end: no collection need visit them
    subjects = check_all(targets, replace(wanted, memory=memory, changes=_changes(root, changed_from)))
    if remember:
        keep(place, memory)
    return subjects


def _is_few(targets: Targets) -> bool:
    return len(targets.packages) + sum(len(packages_in(entry / "envs")) for entry in targets.entries) < FEW


def _changes(root: Path, changed_from: str | None) -> Changes:
    from posttrain_arena.adapters.git import changed_since, read_work_tree  # a check of one package needs no git

    tree = read_work_tree(root)
    if tree is None:
        if changed_from is not None:
            raise UsageError(f"--changed-from: {shown(root, 1000)} is not in a git work tree with a commit")
        return Changes()
    inside = root.resolve().relative_to(tree.top.resolve()).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    trees = {path.removeprefix(prefix): name for path, name in tree.trees.items() if path.startswith(prefix)}
    asked = None if changed_from is None else changed_since(tree, changed_from)
    if asked is not None and tree.top.resolve() == REPOSITORY.resolve() and _touches_checker(asked):
        asked = None
    return Changes(
        trees=trees,
        unsettled=_below(prefix, tree.dirty),
        asked=None if asked is None else _below(prefix, asked),
    )


def _below(prefix: str, paths: frozenset[str]) -> frozenset[str]:
    return frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix))


def _touches_checker(paths: frozenset[str]) -> bool:
    return any(path == name or path.startswith(f"{name}/") for path in paths for name in CHECKER)
