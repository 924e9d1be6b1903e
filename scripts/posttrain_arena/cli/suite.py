"""Fix a suite of held-out tasks by the digests of its packages, and say what it is made of.

    arena suite write starting-kit/public-sample
    arena suite stats starting-kit/public-sample

`write` pins the packages of a folder in its suite.json. `stats` prints domains, difficulty, limits and digests, and
holds the suite against competition.yaml: no domain over its share, the public sample as it is stated there. Exit
code 1 where it breaks a rule or the packages are not those that suite.json pins.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.check.entry import packages_in
from posttrain_arena.core.suite import fix_suite
from posttrain_arena.core.suite_rules import drift, suite_problems
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage

FILE = "suite.json"
_COMPETITION = documents.REPOSITORY_ROOT / "competition.yaml"
_LIMITS = {
    "agent_timeout_sec": "agent, seconds",
    "verifier_timeout_sec": "verifier, seconds",
    "build_timeout_sec": "build, seconds",
    "cpus": "CPUs",
    "memory_mb": "memory, MB",
    "storage_mb": "disk, MB",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    write = actions.add_parser("write", help="pin the packages of a folder in its suite.json")
    stats = actions.add_parser("stats", help="say what a suite is made of and which rules it breaks")
    for action in (write, stats):
        action.add_argument("folder", metavar="DIR", type=Path, help="folder of task packages; its name is the suite's")


def run(arguments: argparse.Namespace) -> int:
    """Run one action."""
    folder: Path = arguments.folder
    packages = [load_package(path) for path in packages_in(folder)] if folder.is_dir() else []
    if not packages:
        raise UsageError(f"{folder}: no task packages there: name the folder that holds them")
    name = folder.resolve().name
    suite = fix_suite(name, {name: packages}, folder=folder)
    return _write(folder, suite) if arguments.action == "write" else _stats(folder, suite, packages)


def _write(folder: Path, suite: Suite) -> int:
    documents.write_document(folder / FILE, suite)
    print(f"wrote {folder / FILE}: {len(suite.tasks)} tasks, {_digest(suite)}")
    return 0


def _stats(folder: Path, suite: Suite, packages: Sequence[TaskPackage]) -> int:
    print(f"{suite.name}: {len(suite.tasks)} tasks, {_digest(suite)}\n")
    for lines in (_domains(packages), _difficulties(packages), _limits(packages), _tasks(packages)):
        print("\n".join(lines) + "\n")
    problems = [*_differences(folder, suite), *suite_problems(suite, read_competition(_COMPETITION))]
    for problem in problems:
        print(f"{suite.name}: {problem}", file=sys.stderr)
    print("the suite breaks a rule" if problems else "the suite keeps every rule of competition.yaml")
    return 1 if problems else 0


def _digest(suite: Suite) -> str:
    return documents.digest(documents.to_document(suite))


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
