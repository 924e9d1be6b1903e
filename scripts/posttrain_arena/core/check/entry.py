"""Check one entry: its manifest, and how many packages lie beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from posttrain_arena.core.check.draft import read_value
from posttrain_arena.core.check.front_matter import read_yaml_file
from posttrain_arena.core.check.read import bounded, finding_of, sort_findings
from posttrain_arena.core.check.spot import Problem, Spot, shown
from posttrain_arena.core.check.text_file import read_text
from posttrain_arena.core.check.tree_listing import list_package
from posttrain_arena.core.check.yaml_lines import Located
from posttrain_arena.model.competition import Bounds, Competition
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.submission import Submission

MANIFEST = "submission.yaml"
FOLDERS = {"environments": "envs", "skills": "skills", "agents": "agent"}
"""Where the packages of each track lie in an entry."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>.]+(\.[^@\s<>.]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEntry:
    """``packages`` are the task packages to check, sorted; ``submission`` is None where it cannot be read."""

    path: Path
    submission: Submission | None
    packages: tuple[Path, ...]
    findings: tuple[Finding, ...]


def check_entry(path: Path, *, root: Path, competition: Competition) -> CheckedEntry:
    """Check the manifest and the bounds of the entry in folder ``path``; its packages are only listed."""
    if not is_real_folder(path):
        what = "the entry is a link, or not a folder"
        problem = _problem("entry-layout", ".", None, what, "put the entry's folder here")
        return CheckedEntry(path=path, submission=None, packages=(), findings=(finding_of(problem, path, root),))
    submission, front, problems = _manifest(path)
    found = list(problems)
    if len(path.name) > 64 or not _SLUG.fullmatch(path.name):
        what = f"the folder name {shown(path.name)!r} is not lower-case-with-hyphens"
        found.append(_problem("entry-name", ".", None, what, "rename the folder, for example to your-team"))
    if submission is not None and front is not None:
        found += _of_manifest(path, submission, front)
        found += _of_track(path, submission, competition)
    findings = sort_findings(finding_of(problem, path, root) for problem in bounded(found))
    return CheckedEntry(path=path, submission=submission, packages=packages_in(path / "envs"), findings=findings)


def packages_in(folder: Path) -> tuple[Path, ...]:
    """Return what lies in a folder of packages and is meant as one: no file, and no name with ``_`` or ``.`` first."""
    try:
        inside = sorted(folder.iterdir()) if is_real_folder(folder) else []
    except OSError:
        return ()
    return tuple(
        path for path in inside if path.name[0] not in "._" and (os.path.islink(path) or not os.path.isfile(path))
    )


def is_real_folder(path: Path) -> bool:
    """Say whether ``path`` is a folder and not a link to one."""
    return os.path.isdir(path) and not os.path.islink(path)


def _manifest(path: Path) -> tuple[Submission | None, Located | None, tuple[Problem, ...]]:
    if not os.path.lexists(path / MANIFEST):
        how = "add submission.yaml; submissions/README.md shows one"
        return None, None, (_problem("manifest-missing", MANIFEST, None, "submission.yaml is missing", how),)
    text, problems = read_text(path, MANIFEST)
    if problems:
        return None, None, problems
    front, faults = read_yaml_file(text, MANIFEST)
    submission, misfits = read_value(Submission, front, MANIFEST)
    return submission, front, faults + misfits


def _of_manifest(path: Path, submission: Submission, front: Located) -> Iterator[Problem]:
    if not _EMAIL.fullmatch(submission.contact_email) or submission.contact_email == "you@example.com":
        what = f"{shown(submission.contact_email)!r} is not your mail address"
        yield _problem("manifest-email", MANIFEST, front.place("contact_email")[0], what, "write it as name@host.tld")
    there = {package.name for package in packages_in(path / "envs")}
    for index, name in enumerate(submission.release_only):
        if name not in there:
            at = front.place("release_only", index)[0]
            what = f"release_only names {shown(name)!r}, which is not in envs/"
            yield _problem("release-only-unknown", MANIFEST, at, what, "name a folder in envs/, or remove it")


def _of_track(path: Path, submission: Submission, competition: Competition) -> Iterator[Problem]:
    wanted = FOLDERS[submission.track]
    for name in FOLDERS.values():
        if name != wanted and os.path.lexists(path / name):
            what = f"{name}/ is not part of the track {submission.track}"
            yield _problem("entry-layout", name, None, what, "remove the folder, or make it an entry of its own")
    if not is_real_folder(path / wanted):
        how = f"put the packages into {wanted}/"
        yield _problem("entry-layout", wanted, None, f"the folder {wanted}/ is missing", how)
        return
    packages = packages_in(path / wanted) if wanted != "agent" else (path / wanted,)
    yield from _of_size(len(packages), wanted, getattr(competition.tracks, submission.track))
    for package in packages if submission.track != "environments" else ():  # envs/ are checked as packages
        yield from _of_files(package, path)
    for package in packages if submission.track == "skills" else ():
        skill = package / "SKILL.md"
        if not is_real_folder(package) or os.path.islink(skill) or not os.path.isfile(skill):
            place = f"skills/{package.name}"
            yield _problem("skill-file", place, None, "there is no file SKILL.md here", "add it, with its front matter")


def _of_files(package: Path, entry: Path) -> Iterator[Problem]:
    place = package.relative_to(entry)
    for problem in list_package(package).problems if is_real_folder(package) else ():
        yield replace(problem, spot=replace(problem.spot, path=(place / problem.spot.path).as_posix()))


def _of_size(count: int, folder: str, bounds: Bounds) -> Iterator[Problem]:
    if count < bounds.min:
        what = f"{count} package{'' if count == 1 else 's'}, the minimum is {bounds.min} at the freeze"
        yield _problem("entry-too-small", folder, None, what, f"aim at {bounds.recommended}")
    if count > bounds.max:
        what = f"{count} packages, the maximum is {bounds.max}"
        how = f"keep the best {bounds.max}; a folder whose name starts with '_' is not counted"
        yield _problem("entry-too-large", folder, None, what, how)


def _problem(rule: str, path: str, line: int | None, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=path, line=line, what=what, how=how))
