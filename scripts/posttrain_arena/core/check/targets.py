"""Find out what a path on the command line is: a package, a skill, an agent, an entry, or a folder of these."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.entry import MANIFEST, lone_part, packages_in
from posttrain_arena.errors import UsageError
from posttrain_arena.model.shown import shown

_PARTS = ("task.md", "environment", "verifier", "oracle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What to check; the packages of an entry are listed when the entry is checked.

    A skill or an agent that is named alone stands among the entries.
    """

    entries: tuple[Path, ...]
    packages: tuple[Path, ...]


def find_targets(paths: list[Path]) -> Targets:
    """Return what lies at ``paths``, each thing once; raises UsageError where there is nothing to check."""
    entries: dict[Path, None] = {}
    packages: dict[Path, None] = {}
    for path in paths:
        here_entries, here_packages = _at(Path(os.path.normpath(path)))
        entries |= dict.fromkeys(here_entries)
        packages |= dict.fromkeys(here_packages)
    return Targets(entries=tuple(entries), packages=tuple(packages))


def is_entry(path: Path) -> bool:
    """Say whether a folder is meant as an entry: by a manifest, a folder of packages, or where it lies."""
    marked = os.path.lexists(path / MANIFEST) or os.path.isdir(path / "envs")
    return marked or Path(os.path.abspath(path)).parent.name == "submissions"


def _at(path: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    if not os.path.lexists(path):
        raise _usage(path, "no such folder: give a package, a folder of packages, or an entry")
    if os.path.islink(path):
        return (), (path,)  # never followed: the check of a package refuses it
    if not os.path.isdir(path):
        raise _usage(path, "not a folder: give the folder of a package")
    if lone_part(path):
        return (path,), ()
    if is_entry(path):  # before the parts of a package: laid over an entry they must not hide its envs/
        return (path,), ()
    if any(os.path.lexists(path / part) for part in _PARTS):
        return (), (path,)
    inside = packages_in(path)
    if not inside:
        raise _usage(path, "holds no package: give a package, a folder of packages, or an entry")
    whole = any(is_entry(folder) or lone_part(folder) for folder in inside if os.path.isdir(folder))
    return (inside, ()) if whole else ((), inside)


def _usage(path: Path, what: str) -> UsageError:
    return UsageError(f"{shown(path, 1000)}: {what}")
