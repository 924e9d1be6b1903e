"""Look beside an entry's packages for what a machine would not get as it was checked: links, ``.gitattributes``."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from posttrain_arena.core.check.spot import Problem, Spot

ATTRIBUTES = ".gitattributes"

_MAX_SEEN = 5000
"""Files and folders that are looked at; packages have a bound and a check of their own."""


def judge_beside(entry: Path, packages: Collection[Path]) -> Iterator[Problem]:
    """Yield links that no other rule tells of, and files by which git hands out others than were checked."""
    known = {str(path) for path in packages}
    seen = 0
    for folder, folders, files in os.walk(entry):
        paths = [f"{folder}/{name}" for name in sorted([*folders, *files])]
        folders[:] = [name for name in folders if f"{folder}/{name}" not in known]
        for path in paths:
            place = Path(path).relative_to(entry)
            if os.path.islink(path) and path not in known and not _told_of(place):
                yield _problem(
                    "file-kind", place, "a symbolic link", "remove it; only files and folders lie in an entry"
                )
            elif place.name.lower() == ATTRIBUTES:
                what = f"{ATTRIBUTES} lets git hand out other files than were checked"
                yield _problem("file-name", place, what, "remove it")
        seen += len(paths)
        if seen > _MAX_SEEN:
            yield _problem("file-count", Path(), f"over {_MAX_SEEN} files lie beside the packages", "remove them")
            return


def _told_of(place: Path) -> bool:
    """Say whether the rules about an entry's own folder tell of a link."""
    return len(place.parts) == 1 and not place.name.startswith((".", "_"))


def _problem(rule: str, place: Path, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=place.as_posix(), what=what, how=how))
