"""Check task packages and entries.

    arena check starting-kit/examples
    arena check submissions/your-team --level publication-grade --out report.json
    arena check --show-canonical submissions/your-team/envs/logs-find-intruder

PATH is a package, a folder of packages, an entry, or a folder of entries. Level schema reads the documents, structural
looks at every file, publication-grade also builds each image and runs trials in Docker: the oracle twice, its result
scored twice, an agent that does nothing, and cheats that must not pay. What did not change is not done again.

Exit code 0 when everything passed (warnings do not refuse), 1 with errors to fix, 2 when PATH is nothing to check,
3 when the infrastructure failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, get_args

from posttrain_arena.cli.survey import survey
from posttrain_arena.core.check.present import FORMATS, as_text
from posttrain_arena.core.check.read import (
    Checked,
    has_errors,
    place_of,
    read_canonical,
    read_package,
    sort_findings,
)
from posttrain_arena.core.check.summary import build_report, package_subject
from posttrain_arena.core.check.targets import Targets, find_targets
from posttrain_arena.core.check.text_file import line_reader
from posttrain_arena.errors import ArenaError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.report import Level, Outcome, Report, Subject, TrialSummary
from posttrain_arena.model.shard import Shard

if TYPE_CHECKING:
    from posttrain_arena.cli.ladder import LadderResult
    from posttrain_arena.model.task import TaskPackage
    from posttrain_arena.model.trial import Trial

    TryAll = Callable[[Sequence[TaskPackage]], dict[str, LadderResult]]

EXIT_CODES = {"passed": 0, "fix": 1, "broken": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "paths", metavar="PATH", type=Path, nargs="+", help="a package, an entry, or a folder of either"
    )
    parser.add_argument("--level", choices=get_args(Level), default="structural", help="how deep (default structural)")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="how to print (default text)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the report document (JSON) here")
    parser.add_argument("--changed-from", metavar="REF", help="check only what changed since this commit of git")
    parser.add_argument("--shard", type=Shard.parse, metavar="I/N", help="check one of N parts of the packages")
    parser.add_argument("--forget", action="store_true", help="check and try again what did not change since last time")
    parser.add_argument(
        "--show-canonical", action="store_true", help="print one package's task.md with every default written out"
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def run(arguments: argparse.Namespace) -> int:
    """Check everything at the paths, print what was found, return the exit code."""
    if arguments.show_canonical:
        return _show_canonical(arguments.paths)
    report = check(
        find_targets(arguments.paths),
        level=arguments.level,
        changed_from=arguments.changed_from,
        remember=not arguments.forget,
        shard=arguments.shard,
    )
    if arguments.out:
        documents.write_document(arguments.out, report)
    coloured = arguments.format == "text" and _wants_colour(sys.stdout)
    show = partial(as_text, colour=True) if coloured else FORMATS[arguments.format]
    if isinstance(sys.stdout, TextIOWrapper):  # findings quote any character, and a terminal may know few
        sys.stdout.reconfigure(encoding=None if arguments.format == "text" else "utf-8", errors="backslashreplace")
    sys.stdout.write(show(report, line_reader()))
    return EXIT_CODES[report.outcome]


def _wants_colour(stream: TextIO) -> bool:
    """Say whether a person looks at the stream who did not ask for plain text (see no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _show_canonical(paths: list[Path]) -> int:
    targets = find_targets(paths)
    if targets.entries or len(targets.packages) != 1:
        raise UsageError("--show-canonical: give one package")
    (path,) = targets.packages
    text, findings = read_canonical(path, root=Path.cwd())
    if text is not None:
        sys.stdout.write(text)
        return 0
    subject = package_subject(Checked(path=path, package=None, findings=findings), root=Path.cwd())
    sys.stderr.write(FORMATS["text"](build_report("schema", [subject]), line_reader()))
    return 1


def check(
    targets: Targets,
    *,
    level: Level,
    changed_from: str | None = None,
    remember: bool = True,
    shard: Shard | None = None,
    try_all: TryAll | None = None,
) -> Report:
    """Check the targets; findings name files relative to the current folder, ``try_all`` runs the packages' trials."""
    found = survey(targets, level=level, changed_from=changed_from, remember=remember)
    if shard is not None:
        entries = [row for row in found if row[1].kind == "entry"]
        packages = [row for row in found if row[1].kind == "package"]
        found = [*entries, *shard.of(packages)]
    if level != "publication-grade":
        return build_report(level, [subject for _, subject in found])
    return build_report(level, _tried(found, try_all or partial(_try_all, remember=remember)))


def _try_all(packages: Sequence[TaskPackage], *, remember: bool) -> dict[str, LadderResult]:
    from posttrain_arena.cli.ladder import trial_findings  # loads the Docker client: only this level needs it

    return trial_findings(packages, announce=_tell, remember=remember)


def _tried(found: list[tuple[Path, Subject]], try_all: TryAll) -> list[Subject]:
    sound = [path for path, subject in found if subject.kind == "package" and subject.outcome == "passed"]
    packages = {path: package for path in sound if (package := read_package(path, root=Path.cwd())[0])}
    if len(packages) < len(sound):
        raise ArenaError("a package changed while it was checked: check again when nothing writes to it")
    tried: dict[str, TaskPackage] = {}
    for package in packages.values():
        tried.setdefault(package.digest, package)  # packages with the same files are tried once
    results = try_all(list(tried.values())) if tried else {}
    return [
        _with_trials(path, subject, results[packages[path].digest], tried[packages[path].digest].path)
        if path in packages
        else subject
        for path, subject in found
    ]


def _with_trials(path: Path, subject: Subject, result: LadderResult, tried: Path) -> Subject:
    """Add the trials of the package at ``tried``, which has the same files as the one at ``path``."""
    here = place_of(path, Path.cwd())
    found = [
        replace(
            finding,
            path=place_of(path / Path(finding.path).relative_to(tried), Path.cwd()),
            how=finding.how.replace(tried.as_posix(), here),
        )
        for finding in result.findings
    ]
    findings = sort_findings([*subject.findings, *found])
    outcome: Outcome = "fix" if has_errors(findings) else "broken" if result.broken else "passed"
    trials = tuple(_summary(trial) for trial in result.trials)
    return replace(subject, findings=findings, outcome=outcome, trials=trials, peaks=result.peaks)


def _summary(trial: Trial) -> TrialSummary:
    return TrialSummary(
        agent=trial.agent,
        reward=trial.reward,
        passed=trial.passed,
        failure=trial.failure,
        seconds=round(trial.timings.total_sec(), 3),
    )
