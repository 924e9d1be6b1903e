"""The action of ``arena suite`` that compares an entry with a suite nobody may see."""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.cli.private_files import require_untracked, write_private
from posttrain_arena.cli.suite_sources import add_source_arguments, open_suite
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.check.overlap import known_to_all, matches, parts_of, read_part
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.overlap import Overlap
from posttrain_arena.model.shown import shown
from posttrain_arena.model.tree import tree_digest

_KIT = documents.REPOSITORY_ROOT / "starting-kit"


def add_overlap(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``overlap``."""
    add_source_arguments(parser)
    parser.add_argument("entry", type=Path, metavar="ENTRY", help="folder of the entry")
    parser.add_argument(
        "--evidence", type=Path, required=True, metavar="FILE", help="private file that names what repeats what"
    )


def run_overlap(arguments: argparse.Namespace) -> int:
    """Write the evidence to a private file; print no more than how many tasks of the entry overlap."""
    require_untracked(arguments.evidence)
    parts = parts_of(arguments.entry)
    if not parts:
        raise UsageError(f"{arguments.entry}: no packages, skills or agent there: name the folder of an entry")
    known = known_to_all([_KIT / "template", *packages_in(_KIT / "examples")])
    with open_suite(arguments.suite, arguments.digest) as opened:
        tasks = [read_part(package.path, known=known) for package in opened.packages.values()]
        digest = opened.suite.digest
    own = [read_part(path) for path in parts]
    found = tuple(match for part in own for task in tasks for match in matches(part, task))
    evidence = Overlap(
        entry=arguments.entry.resolve().name,
        entry_digest=tree_digest(arguments.entry),
        suite_digest=digest,
        parts=len(parts),
        matches=found,
    )
    write_private(arguments.evidence, evidence)
    count = len({match.part for match in found})
    name = shown(evidence.entry)
    print(f"{name}: {count} of its {len(parts)} tasks overlap with the suite" if count else f"{name}: no overlap")
    return 1 if count else 0


ACTIONS = {"overlap": (add_overlap, run_overlap, "say how many tasks of an entry are of a suite")}
"""Name → (declares its arguments, runs it, help line)."""
