"""Read a package from disk into the value that every later stage takes, and judge it by the rules."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from posttrain_arena.core.check.canonical import canonical_text
from posttrain_arena.core.check.draft import REQUIRED_FILES, TASK, Draft, read_draft
from posttrain_arena.core.check.limits import limits_of
from posttrain_arena.core.check.rules.catalogue import RULES, SEVERITIES
from posttrain_arena.core.check.rules.document import misspells_prompt
from posttrain_arena.core.check.rules.rule import Rule
from posttrain_arena.core.check.scenes import played_scenes, user_of
from posttrain_arena.core.check.spot import MAX_FINDINGS_PER_RULE, Problem, Spot
from posttrain_arena.core.check.usable import task_problems
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Level
from posttrain_arena.model.shown import shown
from posttrain_arena.model.task import TaskPackage

_KIND = {"file": "a file", "folder": "a folder", "link": "a link", "special": "a FIFO, device or socket"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One package: its value (None where it cannot be used) and its findings, sorted by file, line and rule."""

    path: Path
    package: TaskPackage | None
    findings: tuple[Finding, ...]


def read_package(path: Path, *, root: Path) -> tuple[TaskPackage | None, tuple[Finding, ...]]:
    """Read a package without judging it by the arena's own rules.

    Findings name files relative to ``root``. The package is None where any of them is an error. Never raises for
    what an author can do wrong.
    """
    draft, problems = _read(path)
    findings = sort_findings(finding_of(problem, path, root) for problem in bounded(problems))
    return _package(draft, findings), findings


def read_canonical(path: Path, *, root: Path) -> tuple[str | None, tuple[Finding, ...]]:
    """Return the canonical task.md of a package, or None with the findings that stand in its way."""
    draft, problems = _read(path)
    in_task = [problem for problem in problems if problem.spot.path in (TASK, ".")]
    findings = sort_findings(finding_of(problem, path, root) for problem in bounded(in_task))
    return (None if draft is None or has_errors(findings) else canonical_text(draft)), findings


def check_package(path: Path, *, root: Path, competition: Competition, level: Level) -> Checked:
    """Read a package and judge it; level ``schema`` looks at its documents, every other level at all its files."""
    return check_draft(path, root=root, competition=competition, level=level)[0]


def check_draft(path: Path, *, root: Path, competition: Competition, level: Level) -> tuple[Checked, Draft | None]:
    """Check a package and return beside what was found what was read, None where it is no folder."""
    draft, problems = _read(path)
    read = sort_findings(finding_of(problem, path, root) for problem in bounded(problems))
    rules = [rule for rule in RULES if rule.judge is not None and (level != "schema" or not rule.deep)]
    judged = bounded(_judge(draft, rules, competition)) if draft else ()
    told = read if draft is None or not misspells_prompt(draft) else [f for f in read if f.rule != "prompt-missing"]
    findings = sort_findings([*told, *(finding_of(problem, path, root) for problem in judged)])
    return Checked(path=path, package=_package(draft, read), findings=findings), draft


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether any finding refuses its package."""
    return any(finding.severity == "error" for finding in findings)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings once each, by file, line and rule."""
    return tuple(sorted(set(findings), key=lambda f: (f.path, f.line or 0, f.rule, f.what, f.how)))


def bounded(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the first problems of each rule; of a rule that has more, one that says so."""
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.rule] += 1
        if counts[problem.rule] <= MAX_FINDINGS_PER_RULE:
            yield problem
        elif counts[problem.rule] == MAX_FINDINGS_PER_RULE + 1:
            what = f"more than {MAX_FINDINGS_PER_RULE} findings of this kind; the others are not shown"
            yield Problem(rule=problem.rule, spot=Spot(path=".", what=what, how="mend these, then check again"))


def place_of(path: Path, root: Path) -> str:
    """Return ``path`` relative to ``root`` with forward slashes, or as it is where it lies elsewhere."""
    whole, above = os.path.join(os.getcwd(), path), os.path.join(root, "")
    inside = whole.removeprefix(above) if whole.startswith(above) else os.fspath(path)
    return "." if whole == os.fspath(root) else inside.replace(os.sep, "/")


def finding_of(problem: Problem, path: Path, root: Path) -> Finding:
    """Put a rule's name and the place in the repository to a problem of the package at ``path``."""
    spot = problem.spot
    place = shown(place_of(path if spot.path == "." else path / spot.path, root), 1000)
    severity = SEVERITIES[problem.rule]
    return Finding(
        rule=problem.rule,
        severity=severity,
        path=place,
        line=spot.line,
        column=spot.column,
        what=spot.what,
        how=spot.how,
    )


def _read(path: Path) -> tuple[Draft | None, list[Problem]]:
    if os.path.islink(path) or not os.path.isdir(path):
        what = "a link" if os.path.islink(path) else "not a folder"
        spot = Spot(path=".", what=f"the package is {what}", how="put the package's folder here")
        return None, [Problem(rule="package-unreadable", spot=spot)]
    draft = read_draft(path)
    missing = [name for name in REQUIRED_FILES if not draft.listing.is_file(name) or _is_blank(draft, name)]
    absent = [Problem(rule="required-file", spot=_missing(draft, name)) for name in missing]
    return draft, [*draft.problems, *absent, *task_problems(draft)]


def _missing(draft: Draft, name: str) -> Spot:
    entry = draft.listing.entries.get(name)
    if entry is not None and entry.kind == "file":
        return Spot(path=name, what=f"{name} is empty", how=f"fill it; the starting kit's template has a {name}")
    what = f"{name} is missing" if entry is None else f"{name} is {_KIND[entry.kind]}, not a file"
    base = name.rpartition("/")[2].lower()
    other = next((path for path in draft.listing.files() if path.rpartition("/")[2].lower() == base), None)
    meant = f"rename {shown(other)} to it" if other else "the starting kit's template has one"
    return Spot(path=name, what=what, how=f"add the file {name}; {meant}")


def _is_blank(draft: Draft, name: str) -> bool:
    return draft.listing.entries[name].size == 0 or draft.contents.kept.get(name, b"?").isspace()


def _judge(draft: Draft, rules: Iterable[Rule], competition: Competition) -> Iterator[Problem]:
    for rule in rules:
        spots = rule.judge(draft, competition) if rule.judge is not None else ()
        for spot in islice(spots, MAX_FINDINGS_PER_RULE + 1):
            yield Problem(rule=rule.id, spot=spot)


def _package(draft: Draft | None, findings: tuple[Finding, ...]) -> TaskPackage | None:
    if draft is None or draft.digest is None or has_errors(findings):
        return None
    task, markdown = draft.task.value, draft.task.markdown
    if task is None or markdown is None:
        return None
    return TaskPackage(
        name=draft.name,
        path=Path.cwd() / draft.path,
        digest=draft.digest,
        prompt=markdown.section("prompt") or "",
        category=task.metadata.category,
        difficulty=task.metadata.difficulty,
        tags=task.metadata.tags,
        limits=limits_of(task),
        pass_threshold=task.verifier.pass_threshold,
        scenes=played_scenes(task, markdown),
        user=user_of(task, markdown),
    )
