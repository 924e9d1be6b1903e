"""The actions of ``arena suite`` on a sealed suite: seal, verify, reveal."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections import Counter
from pathlib import Path

from posttrain_arena.cli.private_files import read_key, require_untracked, write_private
from posttrain_arena.cli.suite_sources import OpenSuite, add_source_arguments, open_suite
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.leaderboard.sealed_store import revealed_path
from posttrain_arena.core.suites.rules import sealed_problems
from posttrain_arena.core.suites.seal import reveal, seal, suite_faults
from posttrain_arena.core.suites.verify import package_faults, record_faults, revealed_faults, rule_faults
from posttrain_arena.errors import DocumentError, UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_suite import RevealedSuite, SealedSuite, SuiteKey

COMPETITION = documents.REPOSITORY_ROOT / "competition.yaml"


def add_seal(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``seal``."""
    add_source_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="PUBLIC", help="the public record to write")
    parser.add_argument("--key", type=Path, required=True, metavar="KEYFILE", help="the private key file to write")
    add_competition(parser)


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``verify``."""
    parser.add_argument("record", metavar="PUBLIC", type=Path, help="the public record")
    parser.add_argument("--revealed", type=Path, metavar="FILE", help="the revealed record")
    parser.add_argument("--task", action="append", default=[], metavar="ID", help="this task alone; may be repeated")
    parser.add_argument("--suite", metavar="SUITE", help="the packages: folder, git, or archive (with --digest)")
    parser.add_argument("--digest", metavar="SHA256", help="what the packages' archive or folder must be")
    parser.add_argument("--key", type=Path, metavar="KEYFILE", help="before the reveal: the private key file")
    add_competition(parser)


def add_reveal(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``reveal``."""
    add_source_arguments(parser)
    parser.add_argument("--record", type=Path, required=True, metavar="PUBLIC", help="the public record")
    parser.add_argument("--key", type=Path, required=True, metavar="KEYFILE", help="the private key file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the revealed record to write")
    parser.add_argument(
        "--task", action="append", default=[], metavar="ID", help="this task alone, without the key; may be repeated"
    )
    parser.add_argument("--leaderboard", type=Path, metavar="DIR", help="publish whole results here")
    parser.add_argument("--runs", type=Path, nargs="+", default=[], metavar="RUN", help="private results to publish")


def add_competition(parser: argparse.ArgumentParser) -> None:
    """Declare where the rules stand."""
    parser.add_argument("--competition", type=Path, default=COMPETITION, metavar="FILE", help="competition.yaml")


def run_seal(arguments: argparse.Namespace) -> int:
    """Write the public record and the key file, or neither."""
    if arguments.out.exists():
        raise UsageError(f"{arguments.out}: exists: a suite that is sealed stays sealed; choose another name")
    with open_suite(arguments.suite, arguments.digest) as opened:
        if Path(arguments.suite).exists():
            require_untracked(Path(arguments.suite))
        domains = Counter(task.domain for task in opened.suite.tasks)
        problems = list(sealed_problems(domains, read_competition(arguments.competition)))
        if problems:
            return _told(problems, "")
        key = secrets.token_bytes(32)
        record = seal(opened.suite, key)
    write_private(arguments.key, SuiteKey(root=record.root, key=key.hex()))
    try:
        documents.write_document(arguments.out, record)
    except BaseException:
        arguments.key.unlink()
        raise
    print(f"sealed {record.n} tasks: root {record.root}")
    print(f"wrote {arguments.out}, to publish, and {arguments.key}, to keep: without it nobody can reveal the suite")
    print("publish the root as suites.sealed.root of competition.yaml before the phase that needs it")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Hold the public record, and what is revealed, against the commitment; no network is needed."""
    if arguments.suite and not (arguments.revealed or arguments.key):
        raise UsageError("--suite: packages are verified with --revealed FILE, or with --key KEYFILE before that")
    try:
        said, faults = _verified(arguments)
    except DocumentError as error:
        said, faults = "", [str(error)]
    return _told(faults, said)


def _verified(arguments: argparse.Namespace) -> tuple[str, list[str]]:
    record = documents.read_written(arguments.record, SealedSuite)
    competition = read_competition(arguments.competition)
    faults = [f"{arguments.record}: {fault}" for fault in (*record_faults(record), *rule_faults(record, competition))]
    said = f"verified {arguments.record}: {record.n} sealed tasks, root {record.root}"
    if faults or not (arguments.revealed or arguments.key):
        return said, faults
    if arguments.key is not None:
        with open_suite(_needed(arguments.suite, "--key"), arguments.digest) as opened:
            faults += suite_faults(opened.suite, record, read_key(arguments.key))
        return f"{said}; every task is the one that was sealed", faults
    revealed = _asked_for(documents.read_written(arguments.revealed, RevealedSuite), arguments.task)
    faults += [f"{arguments.revealed}: {fault}" for fault in revealed_faults(record, revealed)]
    said += f"; {len(revealed.tasks)} revealed tasks lead to it"
    if arguments.suite and not faults:
        with open_suite(arguments.suite, arguments.digest) as opened:
            faults += [f"{arguments.suite}: {fault}" for fault in package_faults(revealed, opened.suite)]
        said += ", and their packages are what was sealed"
    return said, faults


def _asked_for(revealed: RevealedSuite, tasks: list[str]) -> RevealedSuite:
    """Return the record of these tasks alone, by either of their names; of all where none is named."""
    if not tasks:
        return revealed
    known = {name for task in revealed.tasks for name in (task.id, task.opaque)}
    if unknown := sorted(set(tasks) - known):
        raise UsageError(f"--task {unknown[0]}: no such task was revealed")
    chosen = tuple(task for task in revealed.tasks if {task.id, task.opaque} & set(tasks))
    return RevealedSuite(n=revealed.n, root=revealed.root, key=None, tasks=chosen)


def _needed(suite: str | None, option: str) -> str:
    if suite is None:
        raise UsageError(f"{option}: name the packages too, with --suite SUITE")
    return suite


def run_reveal(arguments: argparse.Namespace) -> int:
    """Write the revealed record and publish the results that waited for it."""
    if bool(arguments.leaderboard) != bool(arguments.runs) or (arguments.runs and arguments.task):
        raise UsageError("--leaderboard and --runs belong together, and to the reveal of all tasks")
    place = revealed_path(arguments.leaderboard) if arguments.leaderboard else arguments.out
    if place.absolute() != arguments.out.absolute():
        raise UsageError(f"--out: results are verified with the record at {place}: write it there")
    record = documents.read_written(arguments.record, SealedSuite)
    with open_suite(arguments.suite, arguments.digest) as opened:
        revealed = _revealed(opened, record, read_key(arguments.key), arguments)
    documents.write_document(arguments.out, revealed)
    print(f"wrote {arguments.out}: {len(revealed.tasks)} of {record.n} tasks; publish it with their packages")
    if arguments.runs:
        from posttrain_arena.cli.results import add_run  # SciPy, which nothing else here needs
    for path in arguments.runs:
        print(f"added {add_run(documents.read_document(path, LeaderboardRun), arguments.leaderboard)}")
    return 0


def _revealed(opened: OpenSuite, record: SealedSuite, key: SuiteKey, arguments: argparse.Namespace) -> RevealedSuite:
    for fault in record_faults(record):
        raise UsageError(f"{arguments.record}: {fault}")
    return reveal(opened.suite, record, key, only=arguments.task)


def _told(faults: list[str], said: str) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(said)
    return 1 if faults else 0


ACTIONS = {
    "seal": (add_seal, run_seal, "commit to a suite: write its public record and its private key"),
    "verify": (add_verify, run_verify, "hold a sealed suite's records, and revealed tasks, against the commitment"),
    "reveal": (add_reveal, run_reveal, "write the revealed record of a suite, and publish what waited for it"),
}
"""Name → (declares its arguments, runs it, help line)."""
