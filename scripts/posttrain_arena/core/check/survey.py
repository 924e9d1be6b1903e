"""Check a whole tree: its entries, its packages, and what only shows when they are looked at together."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from posttrain_arena.core.check.draft import read_draft
from posttrain_arena.core.check.duplicates import Known, Origin, duplicates_of, known_packages
from posttrain_arena.core.check.entry import CheckedEntry, check_entries, check_entry, packages_in
from posttrain_arena.core.check.judged import Judged, judge
from posttrain_arena.core.check.read import finding_of, has_errors, place_of, sort_findings
from posttrain_arena.core.check.remembered import Memory, Row, stamp_of
from posttrain_arena.core.check.sketch import Sketch, sketch_of
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.core.check.summary import entry_subject
from posttrain_arena.core.check.targets import Targets
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.report import Level, Subject

FEW = 48
"""Fewer packages than this are not remembered: reading them again takes as long as looking up whether they changed."""

Stamped = tuple[bytes | None, Judged]
Share = Callable[[Callable[[Path], Stamped], Iterable[Path]], Iterator[Stamped]]
"""Yield what a function returns for each path, in their order: ``adapters.processes.in_processes``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What git knows, by paths relative to the root: names of folders' contents, and what those names do not cover.

    ``asked`` is what changed since the commit that the user named, None where everything is to be checked.
    """

    trees: Mapping[str, str] = field(default_factory=dict)
    unsettled: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How to check: findings name files relative to ``root``; ``memory`` is read and filled, ``share`` works on many.

    ``sample`` and ``examples`` are the folders of the starting kit whose packages no entry may hold.
    """

    root: Path
    competition: Competition
    level: Level
    sample: Path
    examples: Path
    now_ns: int
    memory: Memory
    changes: Changes = Changes()
    share: Share = map


def check_all(targets: Targets, survey: Survey) -> list[tuple[Path, Subject]]:
    """Return what was found in each entry and each package that is to be checked, with its path."""
    entries = check_entries([_entry(path, survey) for path in targets.entries], root=survey.root)
    paths = list(dict.fromkeys([*targets.packages, *(path for entry in entries for path in entry.packages)]))
    names = {place_of(path, survey.root): path for path in paths}
    touched = _with_parents(survey.changes.asked)
    asked = {name: path for name, path in names.items() if touched is None or name in touched}
    judged = _judged(asked, survey)
    subjects = {name: one.subject for name, one in judged.items()}
    if survey.level != "schema":
        sketches = {name: one.sketch for name, one in judged.items()} | _others(
            names.keys() - asked.keys(), names, survey
        )
        subjects |= _repeated(subjects, sketches, asked, survey)
    there = [e for e in entries if touched is None or place_of(e.path, survey.root) in touched]
    of_entries = [(entry.path, entry_subject(entry, root=survey.root)) for entry in there]
    return [*of_entries, *((asked[name], subject) for name, subject in subjects.items())]


def _entry(path: Path, survey: Survey) -> CheckedEntry:
    start = f"{place_of(path, survey.root)}/"
    asked = survey.changes.asked
    return check_entry(
        path,
        root=survey.root,
        competition=survey.competition,
        today=datetime.datetime.fromtimestamp(survey.now_ns // 10**9, tz=datetime.UTC).date(),
        changed=None if asked is None else [name.removeprefix(start) for name in asked if name.startswith(start)],
        sample=survey.sample if survey.level != "schema" else None,
    )


def _with_parents(paths: Iterable[str] | None) -> set[str] | None:
    if paths is None:
        return None
    found: set[str] = set()
    for path in paths:
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return found


def _judged(paths: Mapping[str, Path], survey: Survey) -> dict[str, Judged]:
    judge_one = partial(judge, root=survey.root, competition=survey.competition, level=survey.level)
    if len(paths) < FEW and not survey.memory.rows:
        return {name: judge_one(path) for name, path in paths.items()}
    rows = {name: survey.memory.rows.get(os.fsencode(name)) for name in paths}
    kept = {
        name: row.judged
        for name, row in rows.items()
        if row is not None and row.stamp == stamp_of(paths[name], now_ns=survey.now_ns)
    }
    missing = {name: path for name, path in paths.items() if name not in kept}
    stamped = survey.share(partial(_stamp_and_judge, now_ns=survey.now_ns, judge_one=judge_one), missing.values())
    fresh = dict(zip(missing, stamped, strict=True))
    _remember(fresh, survey)
    return {name: kept[name] if name in kept else fresh[name][1] for name in paths}


def _stamp_and_judge(path: Path, *, now_ns: int, judge_one: Callable[[Path], Judged]) -> Stamped:
    """Check a package; the stamp is taken first, so that a change in between makes it worthless."""
    return stamp_of(path, now_ns=now_ns), judge_one(path)


def _remember(fresh: Mapping[str, Stamped], survey: Survey) -> None:
    unsettled = _with_parents(survey.changes.unsettled) or set()
    for name, (stamp, one) in fresh.items():
        tree = "" if name in unsettled else survey.changes.trees.get(name, "")
        if stamp is not None or tree:
            survey.memory.rows[os.fsencode(name)] = Row(stamp=stamp or b"", tree=tree, judged=one)


def _others(names: Iterable[str], paths: Mapping[str, Path], survey: Survey) -> dict[str, Sketch | None]:
    """Return the sketches of packages that did not change; git's name for their content says that they did not."""
    found: dict[str, Sketch | None] = {}
    missing: dict[str, Path] = {}
    unsettled = _with_parents(survey.changes.unsettled) or set()
    for name in sorted(names):
        row = survey.memory.rows.get(os.fsencode(name))
        if row is not None and row.tree and row.tree == survey.changes.trees.get(name) and name not in unsettled:
            found[name] = row.judged.sketch
        else:
            missing[name] = paths[name]
    return found | {name: one.sketch for name, one in _judged(missing, survey).items()}


def _repeated(
    subjects: Mapping[str, Subject],
    sketches: Mapping[str, Sketch | None],
    asked: Mapping[str, Path],
    survey: Survey,
) -> dict[str, Subject]:
    """Return the subjects that repeat another package, with the finding that says so."""
    everything = list(known_packages(sketches))
    packages = [known for known in everything if known.path in asked]
    if not packages:
        return {}
    kit = [known for known in _kit(survey) if known.path not in sketches]
    problems = _remembered_twins(packages, [*everything, *kit], survey.memory)
    return {
        name: _with_problem(subjects[name], asked[name], problem, survey.root) for name, problem in problems.items()
    }


def _kit(survey: Survey) -> Iterator[Known]:
    """Yield the kit's packages; their own tests judge them, here they are only read."""
    folders: tuple[tuple[Origin, Path], ...] = (("sample", survey.sample), ("example", survey.examples))
    for origin, folder in folders:
        sketches = {place_of(path, survey.root): sketch_of(read_draft(path)) for path in packages_in(folder)}
        yield from known_packages(sketches, origin=origin)


def _remembered_twins(packages: list[Known], among: list[Known], memory: Memory) -> dict[str, Problem]:
    key = hashlib.blake2b(digest_size=16)
    for known in (*packages, *among):
        key.update(
            b"%b\n%b%b%b\n" % (os.fsencode(known.path), known.sketch.whole, known.sketch.prompt, known.sketch.solution)
        )
    if memory.twins is None or memory.twins[0] != key.digest():
        found = duplicates_of(packages, among)
        spots = {name: (problem.rule, problem.spot) for name, problem in found.items()}
        rows = {os.fsencode(name): [rule, spot.what, spot.how] for name, (rule, spot) in spots.items()}
        memory.twins = (key.digest(), rows)
    return {
        os.fsdecode(name): Problem(rule=rule, spot=Spot(path="task.md", what=what, how=how))
        for name, (rule, what, how) in memory.twins[1].items()
    }


def _with_problem(subject: Subject, path: Path, problem: Problem, root: Path) -> Subject:
    findings = sort_findings([*subject.findings, finding_of(problem, path, root)])
    return replace(subject, findings=findings, outcome="fix" if has_errors(findings) else "passed")
