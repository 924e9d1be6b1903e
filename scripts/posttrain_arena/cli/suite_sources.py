"""Open a suite: a folder, a folder of a git commit, or an archive, each as a folder of packages."""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.adapters.archives import unpack
from posttrain_arena.adapters.git_tree import copy_tree
from posttrain_arena.adapters.safe_files import Unpacked
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.suites.fix import fix_suite
from posttrain_arena.errors import UsageError
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest

_IN_GIT = re.compile(r"(?P<repository>.+)@(?P<ref>[^@:]+):(?P<folder>.*)", re.DOTALL)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSuite:
    """A suite that is open: its folder, its packages by id, and the suite that they are, each task its own group."""

    folder: Path
    suite: Suite
    packages: dict[str, TaskPackage]


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the suite lies."""
    what = "folder of task packages, REPOSITORY@REF:FOLDER in git, or a tar or zip archive (with --digest)"
    parser.add_argument("suite", metavar="SUITE", help=what)
    parser.add_argument(
        "--digest", metavar="SHA256", help="what it must be: sha256 of the archive's bytes, or the digest of the folder"
    )


@contextmanager
def open_suite(source: str, digest: str | None = None) -> Iterator[OpenSuite]:
    """Give the suite of a source; what is unpacked for it is gone afterwards.

    Raises UsageError where there is none, where it is not the one of ``digest``, and for an archive without one.
    """
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise UsageError(f"--digest {digest!r}: write sha256: and 64 hexadecimal digits")
    with tempfile.TemporaryDirectory(prefix="arena-suite-") as name:
        unpacked = Unpacked(folder=Path(name) / "suite", where=source)
        unpacked.folder.mkdir()
        yield read_suite_folder(_folder(source, digest, unpacked))


def read_suite_folder(folder: Path) -> OpenSuite:
    """Read the packages of a folder; raises UsageError where there are none, or one cannot be run."""
    packages = [load_package(path) for path in packages_in(folder)] if folder.is_dir() else []
    if not packages:
        raise UsageError(f"{folder}: no task packages there: name the folder that holds them")
    name = folder.resolve().name
    suite = fix_suite(name, {name: packages}, folder=folder)
    return OpenSuite(folder=folder, suite=suite, packages={package.name: package for package in packages})


def _folder(source: str, digest: str | None, unpacked: Unpacked) -> Path:
    path, in_git = Path(source), _IN_GIT.fullmatch(source)
    if path.is_file():
        _require(digest, _sha256(path), source, needed=True)
        unpack(path, unpacked)
        return _only(unpacked.folder)
    if path.is_dir() or in_git is None:
        folder = path
    else:
        copy_tree(Path(in_git["repository"]), in_git["ref"], in_git["folder"], unpacked)
        folder = unpacked.folder
    if digest is not None and folder.is_dir():
        _require(digest, tree_digest(folder), source)
    return folder


def _only(folder: Path) -> Path:
    """Return the folder of the packages: the archive's own, or the single one in it."""
    inner = list(folder.iterdir())
    return inner[0] if len(inner) == 1 and not (inner[0] / "task.md").exists() else folder


def _require(wanted: str | None, found: str, source: str, *, needed: bool = False) -> None:
    if wanted is None and needed:
        raise UsageError(f"{source}: an archive is named with its digest: check it, and add --digest {found}")
    if wanted not in (None, found):
        raise UsageError(f"{source}: is {found}, not {wanted}: it is another one")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
