"""Look after launched jobs: start next stages and those that waited, note costs and failures, write the finished runs.

    arena collect
    arena collect pta-team-north-1f0c2a9b8d7e --wait 3600
    arena leaderboard add .arena/ledger/pta-team-north-1f0c2a9b8d7e/run.json

Safe to run at any time and again: a schedule may call it. Exit code 1 where a job failed by its entry, 3 where one
failed by the machines or by us, or what it sent home is no result.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from posttrain_arena.cli.launch import add_ledger_argument, open_desk
from posttrain_arena.cli.launch_desk import Desk
from posttrain_arena.cli.launched_run import write_run
from posttrain_arena.cli.status import print_launches
from posttrain_arena.core.launch.ledger import get, read_ledger
from posttrain_arena.core.launch.progress import over, turn
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.lock import locked

POLL_SEC = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="launches (default: all)")
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="SEC", help="go on until all are over, so long at most"
    )
    add_ledger_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look once, or until everything is over."""
    desk = open_desk(arguments.ledger)
    deadline = time.monotonic() + arguments.wait
    while True:
        with locked(desk.ledger):
            looked = look(desk, arguments.names)
        launches = [launch for launch, _ in looked]
        if all(over(launch) for launch in launches) or time.monotonic() >= deadline:
            break
        time.sleep(POLL_SEC)
    print_launches(launches)
    written = [_written(desk, launch) for launch in launches]
    return _exit_code(launches) if all([*written, *(well for _, well in looked)]) else ArenaError.exit_code


def look(
    desk: Desk, names: Sequence[str], *, first: Callable[[Launch], Launch] = lambda launch: launch
) -> list[tuple[Launch, bool]]:
    """Move launches on, each as ``first`` returns it, and say of each whether that went well.

    Where it did not, the others still get their turn.
    """
    return [_advanced(desk, launch, first) for launch in _chosen(desk, names)]


def _advanced(desk: Desk, launch: Launch, first: Callable[[Launch], Launch]) -> tuple[Launch, bool]:
    try:
        return desk.advance(first(launch)), True
    except ArenaError as error:
        print(f"arena: {launch.name}: {error}", file=sys.stderr)
        return launch, False


def _written(desk: Desk, launch: Launch) -> bool:
    """Write a finished launch's run; say whether there is nothing against it, which keeps no other from its own."""
    try:
        path = write_run(desk.ledger, launch)
    except ArenaError as error:
        print(f"arena: {launch.name}: refused: {error}", file=sys.stderr)
        return False
    if path is not None:
        print(f"wrote {path}")
    return True


def _chosen(desk: Desk, names: Sequence[str]) -> list[Launch]:
    """Return the launches that are named, after their baselines; without names all, each in its turn."""
    if not names:
        return sorted(read_ledger(desk.ledger), key=turn)
    own = [get(desk.ledger, name) for name in names]
    bases = {launch.baseline: get(desk.ledger, launch.baseline) for launch in own if launch.baseline}
    return [*bases.values(), *own]


def _exit_code(launches: Iterable[Launch]) -> int:
    owners = {stage.failure.owner for launch in launches for stage in launch.stages if stage.failure is not None}
    if owners - {"author"}:
        return 3
    return 1 if owners else 0
