"""Verify a leaderboard: every number, and every run back to what it was made of."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from posttrain_arena.cli.known import known_here
from posttrain_arena.cli.leaderboard_agents_verify import agents_faults
from posttrain_arena.cli.results import board_of
from posttrain_arena.cli.suite_sources import open_suite
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.leaderboard import store
from posttrain_arena.core.leaderboard.chain import Known, Link, Run, links
from posttrain_arena.core.leaderboard.sealed import aggregate_faults, projected, revealed_task_faults
from posttrain_arena.core.leaderboard.sealed_store import Sealed, read_sealed, record_path, revealed_path
from posttrain_arena.core.leaderboard.verify import differences, run_drift
from posttrain_arena.core.scoring.score import score, stage_rates
from posttrain_arena.core.suites.verify import package_faults, record_faults, revealed_faults, rule_faults
from posttrain_arena.errors import ArenaError, DocumentError
from posttrain_arena.model.board import Board
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_written, said_digest, to_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import SealedRun
from posttrain_arena.model.shown import shown
from posttrain_arena.model.suite import SEALED

LONGEST = 1000
"""Characters of one fault: what it tells of was written by a stranger."""

Check = Callable[[Path, Run], Iterable[Link]]
"""Looks at one published file and the run in it; says what holds, what is broken, and what it could not look at."""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """``faults`` name file, place and reason; ``open`` counts the links that lead to what is not here."""

    runs: int = 0
    sealed: int = 0
    agents: int = 0
    faults: list[str] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)


def verify(
    leaderboard: Path,
    *,
    competition: Path = REPOSITORY_ROOT / "competition.yaml",
    suite: str | None = None,
    checks: Sequence[Check] = (),
) -> Verdict:
    """Look at everything in a leaderboard's folder; ``suite`` are the revealed packages, where they are at hand.

    ``checks`` are what is looked at of a run beyond its chain: who signed for it.
    """
    rules = read_competition(competition)
    verdict = Verdict()
    paths, verdict.faults = store.listed(leaderboard / "runs")
    runs = dict(_read(paths, store.read_run, verdict))
    sealed, faults = read_sealed(leaderboard)
    verdict.faults += faults
    known = known_here(REPOSITORY_ROOT, rules)
    if sealed.record is not None:
        verdict.faults += _suite_faults(leaderboard, sealed, rules, suite)
        known = replace(known, sealed_root=known.sealed_root or sealed.record.root)
    for path, run in runs.items():
        faults = [*run_drift(run, score=score, stage_rates=stage_rates), *_revealed(run, sealed)]
        _hear(verdict, path, faults, [*links(run, known), *_seen(checks, path, run)])
    for path, hidden in sealed.runs.items():
        faults = [*aggregate_faults(hidden), *_published(hidden, runs.values(), sealed)]
        _hear(verdict, path, faults, [*links(hidden, known), *_seen(checks, path, hidden)])
    verdict.faults += _analysis_faults(competition, rules, known)
    if not verdict.faults:
        verdict.faults += _board_faults(leaderboard, list(runs.values()))
    verdict.agents, faults = agents_faults(leaderboard)
    verdict.faults += faults
    verdict.runs, verdict.sealed = len(runs), len(sealed.runs)
    return verdict


def show(verdict: Verdict) -> int:
    """Print a verdict; return 1 where something is wrong."""
    for fault in verdict.faults:
        print(shown(fault, LONGEST), file=sys.stderr)
    for what, count in sorted(verdict.open.items()):
        print(f"not looked at: {what} ({count} run(s))")
    if verdict.faults:
        print(f"{len(verdict.faults)} difference(s)")
        return 1
    print(f"verified {verdict.runs} run(s): every number follows from its rewards")
    if verdict.agents:
        print(f"verified {verdict.agents} run(s) of agents: every score is the mean of its items")
    if verdict.sealed:
        print(f"verified {verdict.sealed} sealed run(s): their aggregates agree; single rewards wait for the reveal")
    return 0


def _read(
    paths: Iterable[Path], read: Callable[[Path], LeaderboardRun], verdict: Verdict
) -> Iterator[tuple[Path, LeaderboardRun]]:
    for path in paths:
        try:
            yield path, read(path)
        except DocumentError as error:
            verdict.faults.append(str(error))


def _seen(checks: Sequence[Check], path: Path, run: Run) -> Iterator[Link]:
    return (link for check in checks for link in check(path, run))


def _hear(verdict: Verdict, path: Path, faults: Iterable[str], found: Iterable[Link]) -> None:
    verdict.faults += [f"{path}: {fault}" for fault in faults]
    for link in found:
        if link.state == "broken":
            verdict.faults.append(f"{path}: {link.name}: {link.what}")
        elif link.state == "open":
            verdict.open[f"{link.name}: {link.what}"] += 1


def _suite_faults(leaderboard: Path, sealed: Sealed, rules: Competition, packages: str | None) -> Iterator[str]:
    record, revealed = sealed.record, sealed.revealed
    if record is None:
        return
    where = record_path(leaderboard)
    yield from (f"{where}: {fault}" for fault in (*record_faults(record), *rule_faults(record, rules)))
    if revealed is None:
        return
    where = revealed_path(leaderboard)
    yield from (f"{where}: {fault}" for fault in revealed_faults(record, revealed))
    if packages is not None:
        with open_suite(packages) as opened:
            yield from (f"{packages}: {fault}" for fault in package_faults(revealed, opened.suite))


def _revealed(run: LeaderboardRun, sealed: Sealed) -> Iterator[str]:
    """Yield what is wrong with a whole run on the sealed suite: it is there after the reveal alone, as it was told."""
    if run.suite.name != SEALED:
        return
    if sealed.revealed is None:
        yield "evaluations: the rewards of single sealed tasks are public before the reveal: take the file out"
        return
    before = next((other for other in sealed.runs.values() if other.id == run.id), None)
    if before is None:
        yield "id: nothing was published of this run before the reveal"
    else:
        told, found = to_document(before), to_document(projected(run))
        yield from differences(told, found, "as before the reveal", within=0.0)
    yield from revealed_task_faults(run, sealed.revealed)


def _published(hidden: SealedRun, runs: Iterable[LeaderboardRun], sealed: Sealed) -> Iterator[str]:
    if sealed.revealed is not None and hidden.id not in {run.id for run in runs}:
        yield "id: the suite is revealed, and the rewards of this run are not: add the run"


def _analysis_faults(path: Path, rules: Competition, known: Known) -> Iterator[str]:
    stated = rules.suites.sealed.analysis
    if stated not in (None, known.analysis):
        yield f"{path}: suites/sealed/analysis: says {stated}, and the table `analysis` is {known.analysis}"


def _board_faults(leaderboard: Path, runs: list[LeaderboardRun]) -> Iterator[str]:
    """Yield what is wrong with the changes, and where the board that was written, if there is one, is another."""
    path = leaderboard / store.BOARD_FILE
    try:
        built = board_of(leaderboard, runs)
        stated = read_written(path, Board) if path.exists() else built
    except ArenaError as error:
        yield str(error)
        return
    said, found = (to_document(replace(board, digest="")) for board in (stated, built))
    faults = list(differences(said, found)) or list(differences(stated.digest, said_digest(stated), "digest"))
    yield from (f"{path}: {fault}" for fault in faults)
