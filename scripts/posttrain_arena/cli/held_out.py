"""Open the suite that a job pins: the public one from its folder, the sealed one by the operator's key."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from posttrain_arena.cli.job_files import read_suite
from posttrain_arena.cli.private_files import read_key, require_untracked
from posttrain_arena.cli.suite_sources import open_suite
from posttrain_arena.core.suites.seal import opaque
from posttrain_arena.core.suites.verify import record_faults
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.sealed_suite import SealedSuite
from posttrain_arena.model.suite import SEALED, OpaqueSuite, Suite
from posttrain_arena.model.task import TaskPackage

HeldOut: TypeAlias = tuple[Suite, Mapping[str, TaskPackage]]
"""A suite and its packages by the ids that it has for them."""


def add_suite_arguments(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Declare where the suite lies, and what the sealed one needs besides."""
    parser.add_argument("--suite", required=required, metavar="SUITE", help="folder of the suite; see `arena suite`")
    sealed = parser.add_argument_group(
        "the sealed suite", "On an operator's machine alone. Everything that is written has opaque ids, and no text."
    )
    sealed.add_argument("--sealed", type=Path, metavar="PUBLIC", help="public record of the sealed suite")
    sealed.add_argument("--key", type=Path, metavar="KEYFILE", help="private key file of the sealed suite")
    sealed.add_argument("--digest", metavar="SHA256", help="what the suite's archive or folder must be")


@contextmanager
def suite_of(arguments: argparse.Namespace, job: Job) -> Iterator[HeldOut]:
    """Give the job's suite; raises UsageError where what the arguments name is not it."""
    if (arguments.sealed is None) != (arguments.key is None):
        raise UsageError("--sealed and --key belong together: the public record and the key of the sealed suite")
    if arguments.sealed is None:
        yield read_suite(Path(arguments.suite), job)
        return
    for path in (arguments.key, Path(arguments.suite)):
        require_untracked(path)
    record, key = documents.read_written(arguments.sealed, SealedSuite), read_key(arguments.key)
    for fault in record_faults(record):
        raise UsageError(f"{arguments.sealed}: {fault}")
    with open_suite(str(arguments.suite), arguments.digest) as opened:
        view, names = opaque(opened.suite, record, key)
        _require(view, job)
        yield view, {task.id: _renamed(opened.packages[names[task.id]], task.id, task.digest) for task in view.tasks}


def _renamed(package: TaskPackage, name: str, digest: str) -> TaskPackage:
    """Return a package that every record will know by its opaque id and its leaf."""
    return replace(package, name=name, digest=digest)


def _require(view: OpaqueSuite, job: Job) -> None:
    if (job.suite.name, job.suite.digest) != (SEALED, view.digest):
        what = f"the job pins the suite {job.suite.name} {job.suite.digest}, and this is {SEALED} {view.digest}"
        raise UsageError(f"{what}: plan a job for it (arena plan --sealed)")
