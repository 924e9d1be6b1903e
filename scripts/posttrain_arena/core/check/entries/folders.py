"""Find the packages of an entry, and what lies where nobody looks for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.entries.manifest import MANIFEST
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.competition import Bounds
from posttrain_arena.model.shown import shown
from posttrain_arena.model.submission import Track

FOLDERS: dict[Track, str] = {"environments": "envs", "skills": "skills", "agents": "agent"}
"""Where the packages of each track lie in an entry."""

MARKS: dict[Track, tuple[str, ...]] = {
    "environments": ("task.md", "environment", "verifier", "oracle"),
    "skills": ("SKILL.md",),
    "agents": ("agent.yaml", "solve.sh"),
}
"""By what a folder is known as a package of a track; the first is the one that every package has."""

_OTHER_NAMES = {
    "envs": {"env", "environment", "environments", "task", "tasks"},
    "skills": {"skill", "skillset"},
    "agent": {"agents"},
}
_PAGE = re.compile(
    r"(readme|licen[sc]e|notice|copying|changelog|authors|contributors|citation)([.-].*)?", re.IGNORECASE
)
_MAX_TRIED = 50
"""Folders that are looked into for packages one level too deep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The packages of an entry by track, and the folders that are no package and only group some."""

    root: Path
    packages: dict[Track, tuple[Path, ...]]
    groups: dict[Path, tuple[Path, ...]]


def is_real_folder(path: Path) -> bool:
    """Say whether ``path`` is a folder and not a link to one."""
    return os.path.isdir(path) and not os.path.islink(path)


def packages_in(folder: Path) -> tuple[Path, ...]:
    """Return what lies in a folder of packages and is meant as one: no file, and no name with ``_`` or ``.`` first."""
    return tuple(folder / item.name for item in _inside(folder) if _is_package(item))


def list_folders(entry: Path) -> Folders:
    """Return the packages of an entry, those of a group in its place; the agent's folder is its one package."""
    packages: dict[Track, tuple[Path, ...]] = {}
    groups: dict[Path, tuple[Path, ...]] = {}
    for track in ("environments", "skills"):
        found: list[Path] = []
        for path in packages_in(entry / FOLDERS[track]):
            if inside := _grouped(path, track):
                groups[path] = inside
            found += inside or (path,)
        packages[track] = tuple(found)
    agent = entry / FOLDERS["agents"]
    packages["agents"] = (agent,) if is_real_folder(agent) else ()
    return Folders(root=entry, packages=packages, groups=groups)


def _grouped(path: Path, track: Track) -> tuple[Path, ...]:
    """Return the packages in a folder that is none itself, () where it is one or holds none."""
    if any(os.path.lexists(path / mark) for mark in MARKS[track]) or not is_real_folder(path):
        return ()
    inside = packages_in(path)
    return inside if any(os.path.isfile(folder / MARKS[track][0]) for folder in inside[:_MAX_TRIED]) else ()


def judge_folders(folders: Folders, track: Track | None) -> Iterator[Problem]:
    """Yield what lies in an entry's folder and does not belong there, and what is missing."""
    entry = folders.root
    yield from _parts_in_root(entry)
    for item in _inside(entry):
        yield from _in_root(item, entry, track)
    if track is not None and not os.path.lexists(entry / FOLDERS[track]):
        folder = FOLDERS[track]
        how = f"put the {'agent' if track == 'agents' else 'packages'} into {folder}/"
        yield _problem("entry-layout", folder, f"the folder {folder}/ of the track {track} is missing", how)
    elif track is not None and not is_real_folder(entry / FOLDERS[track]):
        folder = FOLDERS[track]
        yield _problem("entry-layout", folder, f"{folder} is not a folder", f"make it a folder, not a link: {folder}/")
    for name in ("envs", "skills"):
        for item in _inside(entry / name):
            if not _is_package(item) and not _PAGE.fullmatch(item.name):
                what = f"the file {shown(item.name)!r} lies beside the packages: nobody reads it"
                how = "move it into the package that needs it, or remove it"
                yield _problem("entry-stray", f"{name}/{item.name}", what, how)
    for path, inside in folders.groups.items():
        place, above = path.relative_to(entry).as_posix(), path.parent.name
        what = f"{shown(path.name)!r} is no package, it holds {len(inside)}: packages lie directly in {above}/"
        yield _problem("entry-nested", place, what, f"move what is in {shown(place)}/ up into {above}/")


def judge_bounds(count: int, track: Track, bounds: Bounds, *, frozen: bool) -> Iterator[Problem]:
    """Yield whether there are too few packages or too many."""
    folder = FOLDERS[track]
    if count < bounds.min:
        there = f"{count} package{'' if count == 1 else 's'}"
        if frozen:
            how = "an entry below the minimum is not trained on; packages cannot be added after the freeze"
            yield _problem("entry-short-at-freeze", folder, f"{there}, the minimum is {bounds.min}", how)
        else:
            what = f"{there}, the minimum is {bounds.min} at the freeze"
            yield _problem("entry-too-small", folder, what, f"aim at {bounds.recommended}")
    if count > bounds.max:
        what = f"{count} packages, the maximum is {bounds.max}"
        how = f"keep the best {bounds.max}; a folder whose name starts with '_' is not counted"
        yield _problem("entry-too-large", folder, what, how)


def _parts_in_root(entry: Path) -> Iterator[Problem]:
    """Yield, for each track, that the entry's own folder looks like one package of it."""
    for track, marks in MARKS.items():
        there = [mark for mark in marks if os.path.lexists(entry / mark)]
        if there:
            to = FOLDERS[track] if track == "agents" else f"{FOLDERS[track]}/<name>"
            what = f"{', '.join(there)}: {'parts' if len(there) > 1 else 'part'} of a package in the entry's own folder"
            yield _problem("entry-layout", there[0], what, f"move {'them' if len(there) > 1 else 'it'} into {to}/")


def _in_root(item: os.DirEntry[str], entry: Path, track: Track | None) -> Iterator[Problem]:
    name = item.name
    if name == MANIFEST or any(name in marks for marks in MARKS.values()):
        return
    if name in FOLDERS.values():
        yield from _of_other_track(name, track)
    elif item.is_symlink() or not (item.is_file() or item.is_dir()):
        kind = "a symbolic link" if item.is_symlink() else "neither a file nor a folder (a FIFO, device or socket)"
        yield _problem("file-kind", name, kind, "remove it; only files and folders lie in an entry")
    elif item.is_dir():
        yield from _folder_in_root(entry / name, entry, track)
    elif not _PAGE.fullmatch(name):
        what = f"the file {shown(name)!r} is not part of an entry: nobody reads it"
        yield _problem("entry-stray", name, what, "move it into the package that needs it, or remove it")


def _of_other_track(name: str, track: Track | None) -> Iterator[Problem]:
    if track is not None and name != FOLDERS[track]:
        other = next(key for key, folder in FOLDERS.items() if folder == name)
        what = f"{name}/ is of the track {other}, and this entry is on the track {track}"
        how = (
            f"write track: {other} if that was meant; an entry has one track, so put the other into a folder of its own"
        )
        yield _problem("entry-layout", name, what, how)


def _folder_in_root(path: Path, entry: Path, track: Track | None) -> Iterator[Problem]:
    name = path.name
    named = next((folder for folder, others in _OTHER_NAMES.items() if _plain(name) in {folder, *others}), None)
    kind = next((kind for kind, marks in MARKS.items() if os.path.lexists(path / marks[0])), None)
    if named is not None and not os.path.lexists(entry / named):
        yield _problem(
            "entry-layout", name, f"{name}/ is not looked into: did you mean '{named}/'?", f"rename it to {named}/"
        )
    elif kind is not None:
        to = FOLDERS[kind] if kind == "agents" else f"{FOLDERS[kind]}/{shown(name)}"
        what = f"the package {shown(name)!r} lies in the entry's own folder: did you mean '{to}/'?"
        yield _problem("entry-layout", name, what, f"move it to {to}/")
    elif os.path.isfile(path / MANIFEST):
        what = f"{shown(name)!r} is an entry inside an entry"
        yield _problem("entry-layout", name, what, "put it beside this one: submissions/<entry>/")
    else:
        what = f"the folder {shown(name)!r} is not part of an entry: nobody looks into it"
        yield _problem("entry-stray", name, what, "move it into the package that needs it, or start its name with '_'")


def _is_package(item: os.DirEntry[str]) -> bool:
    return item.is_symlink() or not item.is_file()


def _inside(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, by name; names with ``_`` or ``.`` first are nobody's business."""
    try:
        items = list(os.scandir(folder)) if is_real_folder(folder) else []
    except OSError:
        return []
    return sorted((item for item in items if item.name[0] not in "._"), key=lambda item: item.name)


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name.lower())


def _problem(rule: str, path: str, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=path, what=what, how=how))
