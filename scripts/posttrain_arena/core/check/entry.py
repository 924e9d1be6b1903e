"""Check one entry: its manifest, its folders, its skills or its agent; its task packages are only listed."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from posttrain_arena.core.check.entries.agent import read_agent
from posttrain_arena.core.check.entries.beside import judge_beside
from posttrain_arena.core.check.entries.folders import (
    FOLDERS,
    Folders,
    is_real_folder,
    judge_bounds,
    judge_folders,
    list_folders,
    packages_in,
)
from posttrain_arena.core.check.entries.manifest import MANIFEST, NO_MANIFEST, Manifest, judge_manifest, read_manifest
from posttrain_arena.core.check.entries.part import judge_part
from posttrain_arena.core.check.entries.phase import judge_phase, withdrawal
from posttrain_arena.core.check.entries.skill import SKILL, catalogue_problem, read_skill, skills_twice
from posttrain_arena.core.check.entries.suite_content import suite_content
from posttrain_arena.core.check.entries.teams import Claim, teams_twice
from posttrain_arena.core.check.names import is_slug, meant, offer, slug_of
from posttrain_arena.core.check.read import bounded, finding_of, sort_findings
from posttrain_arena.core.check.rules.agents import AGENT
from posttrain_arena.core.check.rules.agents import JUDGES as AGENT_JUDGES
from posttrain_arena.core.check.rules.skills import JUDGES as SKILL_JUDGES
from posttrain_arena.core.check.spot import MAX_FINDINGS_PER_RULE, Problem, Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.phases import is_frozen, phase_of
from posttrain_arena.model.shown import shown
from posttrain_arena.model.submission import Submission

__all__ = ["FOLDERS", "MANIFEST", "CheckedEntry", "check_entries", "check_entry", "is_real_folder", "packages_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEntry:
    """``packages`` are the task packages to check, sorted; ``submission`` is None where it cannot be read."""

    path: Path
    submission: Submission | None
    packages: tuple[Path, ...]
    findings: tuple[Finding, ...]
    manifest: Manifest = NO_MANIFEST


def check_entry(
    path: Path,
    *,
    root: Path,
    competition: Competition,
    today: datetime.date | None = None,
    changed: Collection[str] | None = None,
    sample: Path | None = None,
) -> CheckedEntry:
    """Check the entry in folder ``path``, or one skill or agent that is in no entry.

    Skills are compared with the tasks in the folder ``sample``, where it is given. The rules about phases are judged
    for the day ``today`` (UTC), and not where it is None. ``changed`` are the paths below the entry that a pull request
    touches, None where that is not known.
    """
    if not is_real_folder(path):
        what = "the entry is a link, or not a folder"
        problem = _problem("entry-layout", ".", what, "put the entry's folder here")
        return CheckedEntry(path=path, submission=None, packages=(), findings=(finding_of(problem, path, root),))
    if lone := lone_part(path):
        found = _of_agent(path, path) if lone == "agent" else _of_skills((path,), path, sample)
        findings = sort_findings(finding_of(problem, path, root) for problem in found)
        return CheckedEntry(path=path, submission=None, packages=(), findings=findings)
    manifest, folders = read_manifest(path), list_folders(path)
    if manifest.withdrawn:
        problems = [*manifest.problems, withdrawal(manifest)]
    else:
        alone = [*manifest.problems, *_of_name(path), *judge_manifest(manifest, competition)]
        alone += judge_phase(manifest, competition, today=today, changed=changed) if today is not None else ()
        alone += judge_folders(folders, manifest.track)
        alone += judge_beside(path, [*chain(*folders.packages.values())])
        alone += islice(_of_release_only(manifest, folders), MAX_FINDINGS_PER_RULE + 1)
        alone += _of_bounds(manifest, folders, competition, today)
        problems = [*bounded(alone), *_of_parts(path, folders, sample)]
    return CheckedEntry(
        path=path,
        submission=manifest.value,
        packages=() if manifest.withdrawn else folders.packages["environments"],
        findings=sort_findings(finding_of(problem, path, root) for problem in problems),
        manifest=manifest,
    )


def check_entries(checked: Sequence[CheckedEntry], *, root: Path) -> list[CheckedEntry]:
    """Return the entries with what only shows when they are looked at together: teams with two on one track."""
    claims = [Claim(path=entry.path, manifest=entry.manifest) for entry in checked]
    more: dict[Path, list[Finding]] = {}
    for path, problem in teams_twice(claims):
        more.setdefault(path, []).append(finding_of(problem, path, root))
    return [
        replace(entry, findings=sort_findings([*entry.findings, *more[entry.path]])) if entry.path in more else entry
        for entry in checked
    ]


def lone_part(path: Path) -> str | None:
    """Return ``skill`` or ``agent`` where a folder is one and no entry and no task, else None."""
    above = path.absolute().parent.name
    if above == "submissions" or any(os.path.lexists(path / name) for name in (MANIFEST, "task.md")):
        return None
    if above == FOLDERS["skills"] or os.path.lexists(path / SKILL):
        return "skill"
    return "agent" if os.path.lexists(path / AGENT) else None


def _of_name(path: Path) -> Iterator[Problem]:
    if not is_slug(path.name):
        slug = slug_of(path.name)
        what = f"the folder name {shown(path.name)!r} is not lower-case-with-hyphens{offer(slug or None)}"
        how = f"rename the folder to {slug or 'your-team'}; at most 64 characters"
        yield _problem("entry-name", ".", what, how)


def _of_release_only(manifest: Manifest, folders: Folders) -> Iterator[Problem]:
    names = manifest.value.release_only if manifest.value else ()
    there = {package.name for package in folders.packages["environments"]}
    if manifest.value is not None and manifest.value.track != "environments" and names:
        what = f"release_only is for the track environments, this entry is on the track {manifest.value.track}"
        yield manifest.problem("release-only-unknown", "release_only", what=what, how="remove release_only")
        return
    for index, name in enumerate(names if is_real_folder(folders.root / FOLDERS["environments"]) else ()):
        if name not in there:
            close = meant(name.removeprefix("envs/").strip("/"), sorted(there))
            what = f"release_only names {shown(name)!r}, which is not in envs/{offer(shown(close) if close else None)}"
            how = f"write {shown(close)}" if close else "name a folder in envs/, or remove it"
            yield manifest.problem("release-only-unknown", "release_only", index, what=what, how=how)
    if there and there <= set(names):
        what = "release_only names every environment of the entry: nothing is left to train on"
        yield manifest.problem("release-only-all", "release_only", what=what, how="remove names from release_only")


def _of_bounds(
    manifest: Manifest, folders: Folders, competition: Competition, today: datetime.date | None
) -> Iterator[Problem]:
    track = manifest.track
    if track is not None and is_real_folder(folders.root / FOLDERS[track]):
        frozen = today is not None and is_frozen(phase_of(competition, today))
        bounds = getattr(competition.tracks, track)
        yield from judge_bounds(len(folders.packages[track]), track, bounds, frozen=frozen)


def _of_parts(entry: Path, folders: Folders, sample: Path | None) -> Iterator[Problem]:
    yield from _of_skills(folders.packages["skills"], entry, sample)
    for agent in folders.packages["agents"]:
        yield from _of_agent(agent, entry)


def _of_skills(skills: Iterable[Path], entry: Path, sample: Path | None) -> Iterator[Problem]:
    parts = []
    for path in skills:
        if not is_real_folder(path):
            problem = _problem("skill-file", ".", "a skill is a folder, not a link", "put the skill's folder here")
            yield _inside(problem, path, entry)
            continue
        part = read_skill(path)
        parts.append((path, replace(part, texts={}, problems=())))
        for problem in bounded(judge_part(part, SKILL_JUDGES)):
            yield _inside(problem, path, entry)
    read = [part for _, part in parts]
    if (too_long := catalogue_problem(read)) is not None:
        yield too_long
    repeated = suite_content([path for path, _ in parts], sample) if sample is not None else ()
    for index, problem in chain(skills_twice(read), repeated):
        yield _inside(problem, parts[index][0], entry)


def _of_agent(agent: Path, entry: Path) -> Iterator[Problem]:
    for problem in bounded(judge_part(read_agent(agent), AGENT_JUDGES)):
        yield _inside(problem, agent, entry)


def _inside(problem: Problem, package: Path, entry: Path) -> Problem:
    """Return a problem of a package with its place in the entry."""
    place = (package.relative_to(entry) / problem.spot.path).as_posix()
    return replace(problem, spot=replace(problem.spot, path=place))


def _problem(rule: str, path: str, what: str, how: str) -> Problem:
    return Problem(rule=rule, spot=Spot(path=path, what=what, how=how))
