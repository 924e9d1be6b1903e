"""Write a built site into a folder that holds nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from posttrain_arena.errors import UsageError

FILE_LIST = ".site-files"
"""Names every file of a build, so that the next one removes what is no longer built and nothing else."""

File = tuple[str, bytes]
"""The path of a file of the site, and what it holds."""

Part = Callable[[], Iterable[File]]
Share = Callable[[Callable[[Part], list[str]], Iterable[Part]], Iterable[list[str]]]
"""Yield what a function returns for each part, in their order: ``adapters.processes.in_processes``."""


def write_site(parts: Iterable[Part], out: Path, *, share: Share = map) -> None:
    """Write the files of ``parts`` into ``out`` and remove files of an earlier build; ``share`` works on the parts.

    Raises UsageError for a folder that holds something else.
    """
    listing = out / FILE_LIST
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is not a folder: choose another --out")
    if out.is_dir() and any(out.iterdir()) and not listing.is_file():
        raise UsageError(f"{out}: holds files that are not a built site: choose an empty folder")
    out.mkdir(parents=True, exist_ok=True)
    with listing.open("a+", encoding="utf-8") as file:
        file.seek(0)
        earlier = file.read().splitlines()
    names = {name for written in share(partial(_write_part, out), parts) for name in written}
    for name in earlier:
        if name not in names and (out / name).resolve().is_relative_to(out.resolve()):
            (out / name).unlink(missing_ok=True)
    _write(listing, "".join(f"{name}\n" for name in sorted(names)).encode())


def _write_part(out: Path, part: Part) -> list[str]:
    """Write the files of a part and return their names; they and what they are written as are listed first."""
    files = list(part())
    listed = [other for name, _ in files for other in (name, _part_of(Path(name)).as_posix())]
    with (out / FILE_LIST).open("ab", buffering=0) as listing:  # in one call, which no other process's comes between
        listing.write("".join(f"{name}\n" for name in listed).encode())
    for name, data in files:
        _write(out / name, data)
    return [name for name, _ in files]


def _write(path: Path, data: bytes) -> None:
    """Write a file whole, and never wait for the disk: a site that was lost is built again."""
    try:
        file = path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    except FileExistsError:
        _part_of(path).write_bytes(data)
        os.replace(_part_of(path), path)
        return
    with file:
        file.write(data)


def _part_of(path: Path) -> Path:
    """Return where a file is written that takes the place of another."""
    return path.with_name(f".{path.name}.part")
