"""Make task packages of a family and write all of them, or none."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from posttrain_arena.core.families.definition import PROGRAM, FamilyFolder, read_family
from posttrain_arena.core.families.draw import Combination, Draw, draw
from posttrain_arena.core.families.template import fill
from posttrain_arena.errors import UsageError
from posttrain_arena.model.seeds import derive_seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file of a package holds."""

    data: bytes
    executable: bool = False


def render_family(
    folder: Path, wanted: Draw, *, out: Path, judge: Callable[[Path], None] = lambda package: None
) -> list[Path]:
    """Write the wanted packages of the family in ``folder`` below ``out``; return their folders.

    The same combination of parameters gives the same bytes, whatever the seed. ``judge`` looks at each package before
    any is put in its place, and raises UsageError where it will not do. Raises UsageError for a family that is wrong or
    used up, and for a name that exists; then nothing is left behind.
    """
    family = read_family(folder)
    packages = {
        f"{family.family.name}-{wanted.split}-{number:03d}": values
        for number, values in enumerate(draw(family.family, wanted), wanted.first)
    }
    _refuse_taken(packages, out)
    with _waiting(out) as waiting:
        made: dict[tuple[tuple[str, Content], ...], str] = {}
        for name, values in packages.items():
            files = make_files(family, values)
            twin = made.setdefault(tuple(sorted(files.items(), key=lambda item: item[0])), name)
            if twin != name:
                raise UsageError(f"{folder}: {twin} and {name} are the same: {_changes_nothing(values)}")
            _write(files, waiting / name)
            judge(waiting / name)
        return _put_in_place(waiting, list(packages), out)


def make_files(family: FamilyFolder, values: Combination) -> dict[str, Content]:
    """Return the files of one package by path: the template's, filled in, and the data that the program made."""
    words, data = made_words(family, values)
    filled = [(*fill(file, words), file.executable) for file in family.template.values()]
    files = {name: Content(data=content, executable=executable) for name, content, executable in filled}
    for name, text in data.items():
        if not _is_inside(name) or name in files or not isinstance(text, str):
            what = "is no new file inside the package" if isinstance(text, str) else "is given no text"
            raise UsageError(f"{family.folder / PROGRAM}: {name!r} {what}: mend what make returns")
        files[name] = Content(data=text.encode("utf-8"))
    return files


def made_words(family: FamilyFolder, values: Combination) -> tuple[dict[str, Any], dict[str, str]]:
    """Return all words that the template may use for a combination, and the data files that go with them."""
    rng = random.Random(derive_seed(0, "data", family.family.name, *values.values()))  # noqa: S311 (not for secrets)
    more, data = family.make(values, rng)
    if twice := sorted(more.keys() & values.keys()):
        raise UsageError(f"{family.folder / PROGRAM}: {twice[0]!r} is a parameter already: give it another name")
    return {**values, **more}, data


def _changes_nothing(values: Mapping[str, str]) -> str:
    return f"use each of {', '.join(values)} in the template or in {PROGRAM}"


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return isinstance(name, str) and bool(parts) and ".." not in parts and not name.startswith("/")


def _refuse_taken(names: Mapping[str, Combination], out: Path) -> None:
    taken = [name for name in names if os.path.lexists(out / name)]
    if taken:
        others = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise UsageError(f"{out / taken[0]} is there already{others}: remove it, or make others with --first")


@contextlib.contextmanager
def _waiting(out: Path) -> Iterator[Path]:
    """Give a folder beside the packages-to-be; leave neither it nor new empty folders above it behind."""
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(dir=out, prefix=".family."))
    try:
        yield waiting
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
        for folder in missing:
            with contextlib.suppress(OSError):  # it holds the packages, or somebody else put something there
                folder.rmdir()


def _write(files: Mapping[str, Content], package: Path) -> None:
    for name, content in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.data)
        path.chmod(0o755 if content.executable else 0o644)


def _put_in_place(waiting: Path, names: list[str], out: Path) -> list[Path]:
    placed: list[Path] = []
    try:
        for name in names:
            (waiting / name).rename(out / name)
            placed.append(out / name)
    except BaseException:
        for package in placed:
            shutil.rmtree(package, ignore_errors=True)
        raise
    return placed
