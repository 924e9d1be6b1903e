"""Fix a suite of held-out tasks by the digests of its packages, say what it is made of, seal and reveal it.

    arena suite write starting-kit/public-sample
    arena suite stats starting-kit/public-sample
    arena suite seal SUITE --out sealed.json --key suite.key
    arena suite verify sealed.json --revealed revealed.json --suite SUITE
    arena suite reveal SUITE --record sealed.json --key suite.key --out revealed.json
    arena suite overlap SUITE submissions/team --evidence evidence.json

SUITE is a folder of task packages, a folder of a git commit (REPOSITORY@REF:FOLDER), or a tar or zip archive with its
digest. `write` pins the packages of a folder in its suite.json. `stats` prints domains, difficulty, limits and digests,
and holds the suite against competition.yaml. `seal` commits to a suite and tells nothing of it but how many tasks of
which domain it has; docs/operators.md leads through it. `overlap` says how many tasks of an entry are of the suite, and
writes which ones to a private file. Exit code 1 where a suite breaks a rule, is not what was pinned or sealed, or an
entry overlaps.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from posttrain_arena.cli import suite_overlap, suite_seal
from posttrain_arena.cli.suite_sources import OpenSuite, add_source_arguments, open_suite, read_suite_folder
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.suites.rules import drift, suite_problems
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage

FILE = "suite.json"
_OTHERS = {**suite_seal.ACTIONS, **suite_overlap.ACTIONS}
_LIMITS = {
    "agent_timeout_sec": "agent, seconds",
    "verifier_timeout_sec": "verifier, seconds",
    "build_timeout_sec": "build, seconds",
    "cpus": "CPUs",
    "memory_mb": "memory, MB",
    "storage_mb": "disk, MB",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    write = actions.add_parser("write", help="pin the packages of a folder in its suite.json")
    write.add_argument("suite", metavar="DIR", type=Path, help="folder of task packages; its name is the suite's")
    stats = actions.add_parser("stats", help="say what a suite is made of and which rules it breaks")
    add_source_arguments(stats)
    suite_seal.add_competition(stats)
    for name, (declare, _, summary) in _OTHERS.items():
        declare(actions.add_parser(name, help=summary))


def run(arguments: argparse.Namespace) -> int:
    """Run one action."""
    if arguments.action in _OTHERS:
        return _OTHERS[arguments.action][1](arguments)
    if arguments.action == "write":
        return _write(arguments.suite, read_suite_folder(arguments.suite).suite)
    with open_suite(arguments.suite, arguments.digest) as opened:
        return _stats(opened, read_competition(arguments.competition))


def _write(folder: Path, suite: Suite) -> int:
    documents.write_document(folder / FILE, suite)
    print(f"wrote {folder / FILE}: {len(suite.tasks)} tasks, {suite.digest}")
    return 0


def _stats(opened: OpenSuite, competition: Competition) -> int:
    suite, packages = opened.suite, list(opened.packages.values())
    print(f"{suite.name}: {len(suite.tasks)} tasks, {suite.digest}\n")
    for lines in (_domains(packages), _difficulties(packages), _limits(packages), _tasks(packages)):
        print("\n".join(lines) + "\n")
    problems = [*_differences(opened.folder, suite), *suite_problems(suite, competition)]
    for problem in problems:
        print(f"{suite.name}: {problem}", file=sys.stderr)
    print("the suite breaks a rule" if problems else "the suite keeps every rule of competition.yaml")
    return 1 if problems else 0


def _differences(folder: Path, suite: Suite) -> Iterator[str]:
    if (folder / FILE).exists():
        yield from drift(documents.read_document(folder / FILE, Suite), suite)
    else:
        yield f"no {FILE} pins its packages: run `arena suite write {folder}`"


def _domains(packages: Sequence[TaskPackage]) -> Iterator[str]:
    yield f"{'Domain':<30} Tasks  Share"
    for slug, count in sorted(Counter(package.category for package in packages).items()):
        yield f"{slug:<30} {count:>5}  {count / len(packages):>5.1%}"


def _difficulties(packages: Sequence[TaskPackage]) -> Iterator[str]:
    counted = Counter(package.difficulty or "not said" for package in packages)
    yield f"{'Difficulty':<30} Tasks"
    for difficulty in sorted(counted, key=lambda name: (("easy", "medium", "hard", name).index(name), name)):
        yield f"{difficulty:<30} {counted[difficulty]:>5}"


def _limits(packages: Sequence[TaskPackage]) -> Iterator[str]:
    yield f"{'Limits':<20} {'least':>8} {'median':>8} {'most':>8}"
    for name, title in _LIMITS.items():
        values = [float(getattr(package.limits, name)) for package in packages]
        yield f"{title:<20} {min(values):>8g} {statistics.median(values):>8g} {max(values):>8g}"
    online = [package.name for package in packages if package.limits.network != "no-network"]
    yield f"{'network':<20} {', '.join(online) or 'none'}"


def _tasks(packages: Sequence[TaskPackage]) -> Iterator[str]:
    wide = max(len(package.name) for package in packages)
    yield f"{'Task':<{wide}} {'Domain':<30} {'Difficulty':<10} {'Passes':>6} Digest"
    for package in sorted(packages, key=lambda package: package.name):
        head = f"{package.name:<{wide}} {package.category:<30} {package.difficulty or '-':<10}"
        yield f"{head} {package.pass_threshold:>6g} {package.digest}"
