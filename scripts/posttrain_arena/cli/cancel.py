"""Cancel launched jobs: by name, or all of a pull request but those of its newest commit.

    arena cancel pta-team-north-1f0c2a9b8d7e
    arena cancel --pull 41                        # its label was removed
    arena cancel --pull 41 --keep-head 6663f55    # a new commit voids what older ones asked for

What a cancelled job has trained stays in its store: launched again, it goes on from there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from posttrain_arena.cli.launch import add_ledger_argument, open_desk
from posttrain_arena.cli.status import print_launches
from posttrain_arena.core.launch.ledger import get, keep, read_ledger
from posttrain_arena.core.launch.progress import superseded
from posttrain_arena.errors import UsageError
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.lock import locked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="launches")
    parser.add_argument("--pull", type=int, metavar="NUMBER", help="all launches of a pull request")
    parser.add_argument("--keep-head", metavar="SHA", help="but not those that this commit asked for")
    add_ledger_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cancel and print what was cancelled."""
    if bool(arguments.names) == (arguments.pull is not None):
        raise UsageError("name the launches to cancel, or their pull request with --pull NUMBER")
    desk = open_desk(arguments.ledger)
    with locked(desk.ledger):
        if arguments.names:
            chosen: Sequence[Launch] = [get(desk.ledger, name) for name in arguments.names]
        else:
            chosen = superseded(read_ledger(desk.ledger), arguments.pull, arguments.keep_head)
        cancelled = [keep(desk.ledger, desk.cancel(launch)) for launch in chosen]
    print_launches(cancelled)
    print(f"{len(cancelled)} cancelled")
    return 0
