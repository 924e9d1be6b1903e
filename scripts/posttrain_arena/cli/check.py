"""Check task packages and entries.

    arena check starting-kit/examples
    arena check submissions/your-team --level publication-grade --out report.json
    arena check --show-canonical submissions/your-team/envs/logs-find-intruder

PATH is a package, a folder of packages, an entry, or a folder of entries. Level schema reads the documents, structural
looks at every file, publication-grade also builds each image and runs its oracle and an empty trial in Docker.

Exit code 0 when everything passed (warnings do not refuse), 1 with errors to fix, 2 when PATH is nothing to check,
3 when the infrastructure failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.entry import check_entry
from posttrain_arena.core.check.present import FORMATS
from posttrain_arena.core.check.read import (
    Checked,
    check_package,
    has_errors,
    place_of,
    read_canonical,
    sort_findings,
)
from posttrain_arena.core.check.summary import build_report, entry_subject, package_subject
from posttrain_arena.core.check.targets import Targets, find_targets
from posttrain_arena.core.check.text_file import source_line
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.report import Level, Report, Subject, TrialSummary

if TYPE_CHECKING:
    from posttrain_arena.cli.gauntlet import GauntletResult
    from posttrain_arena.model.task import TaskPackage
    from posttrain_arena.model.trial import Trial

EXIT_CODES = {"passed": 0, "fix": 1, "broken": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "paths", metavar="PATH", type=Path, nargs="+", help="a package, an entry, or a folder of either"
    )
    parser.add_argument("--level", choices=get_args(Level), default="structural", help="how deep (default structural)")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="how to print (default text)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the report document (JSON) here")
    parser.add_argument(
        "--show-canonical", action="store_true", help="print one package's task.md with every default written out"
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def run(arguments: argparse.Namespace) -> int:
    """Check everything at the paths, print what was found, return the exit code."""
    if arguments.show_canonical:
        return _show_canonical(arguments.paths)
    report = check(find_targets(arguments.paths), level=arguments.level)
    if arguments.out:
        documents.write_document(arguments.out, report)
    sys.stdout.write(FORMATS[arguments.format](report, source_line))
    return EXIT_CODES[report.outcome]


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
    sys.stderr.write(FORMATS["text"](build_report("schema", [subject]), source_line))
    return 1


def check(targets: Targets, *, level: Level, announce: Callable[[str], None] = _tell) -> Report:
    """Check the targets; findings name files relative to the current folder, ``announce`` hears of each trial."""
    root = Path.cwd()
    competition = read_competition(documents.REPOSITORY_ROOT / "competition.yaml")
    entries = [check_entry(path, root=root, competition=competition) for path in targets.entries]
    paths = dict.fromkeys([*targets.packages, *(path for entry in entries for path in entry.packages)])
    checked = [check_package(path, root=root, competition=competition, level=level) for path in paths]
    subjects = [entry_subject(entry, root=root) for entry in entries]
    subjects += (
        _tried(checked, root, announce)
        if level == "publication-grade"
        else [package_subject(package, root=root) for package in checked]
    )
    return build_report(level, subjects)


def _tried(checked: list[Checked], root: Path, announce: Callable[[str], None]) -> list[Subject]:
    from posttrain_arena.cli.gauntlet import trial_findings  # loads the Docker client: only this level needs it

    sound = [one.package for one in checked if one.package is not None and not has_errors(one.findings)]
    tried: dict[str, TaskPackage] = {}
    for package in sound:
        tried.setdefault(package.digest, package)  # packages with the same files are tried once
    results = trial_findings(list(tried.values()), announce=announce) if tried else {}
    return [
        package_subject(one, root=root)
        if one.package is None or has_errors(one.findings)
        else _with_trials(one, results[one.package.digest], tried[one.package.digest].path, root)
        for one in checked
    ]


def _with_trials(checked: Checked, result: GauntletResult, tried: Path, root: Path) -> Subject:
    """Add the trials of the package at ``tried``, which has the same files as the one checked."""
    found = [
        replace(finding, path=place_of(checked.path / Path(finding.path).relative_to(tried), root))
        for finding in result.findings
    ]
    whole = replace(checked, findings=sort_findings([*checked.findings, *found]))
    trials = tuple(_summary(trial) for trial in result.trials)
    return package_subject(whole, root=root, trials=trials, broken=bool(result.broken))


def _summary(trial: Trial) -> TrialSummary:
    spent = trial.timings
    seconds = round(spent.start_sec + spent.agent_sec + spent.capture_sec + spent.verify_sec, 3)
    return TrialSummary(
        agent=trial.agent, reward=trial.reward, passed=trial.passed, failure=trial.failure, seconds=seconds
    )
