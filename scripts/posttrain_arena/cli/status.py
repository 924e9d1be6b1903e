"""Say how far launched jobs are and what they cost, as the ledger has it; `arena collect` looks at the machines.

arena status
arena status pta-team-north-1f0c2a9b8d7e
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from posttrain_arena.core.launch.budget import held
from posttrain_arena.core.launch.ledger import get, read_ledger
from posttrain_arena.model.launch import Launch, StageRun


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="launches (default: all)")
    parser.add_argument("--ledger", type=Path, default=Path(".arena/ledger"), metavar="DIR", help="folder of launches")


def run(arguments: argparse.Namespace) -> int:
    """Print the launches."""
    everything = read_ledger(arguments.ledger)
    print_launches([get(arguments.ledger, name) for name in arguments.names] or everything)
    print(f"{len(everything)} launches hold ${held(everything):.2f}")
    return 0


def print_launches(launches: Iterable[Launch]) -> None:
    """Print launches and their stages, a line each."""
    for launch in launches:
        print(launch.name + (f"  pull request {launch.pull}" if launch.pull else ""))
        for stage in launch.stages:
            print(f"  {stage.stage:<10} {stage.state:<9} {_told(stage)}".rstrip())


def _told(stage: StageRun) -> str:
    parts = [f"job {stage.sky_id}" if stage.sky_id is not None else ""]
    if stage.seconds:
        parts.append(f"{stage.seconds / 60:.1f} min, ${stage.cost_usd:.2f} of ${stage.reserved_usd:.2f}")
    if stage.recoveries:
        parts.append(f"recovered {stage.recoveries} times")
    if stage.failure is not None:
        parts.append(f"{stage.failure.owner}: {stage.failure.reason}: {ascii(stage.failure.detail)[1:-1]}")
    return ", ".join(part for part in [*parts, stage.note] if part)
