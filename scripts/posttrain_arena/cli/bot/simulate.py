"""Say what the workflows would do for a webhook's payload: read as they read, judge as they judge, write nothing.

    arena bot simulate --event event.json --name pull_request_target

Needs a token that may read. Every request that would change something on GitHub is printed, and no machine is rented.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.github.rehearsal import rehearsed
from posttrain_arena.cli.bot.authorise import authorise
from posttrain_arena.cli.bot.cancel import cancel_asked
from posttrain_arena.cli.bot.context import BotContext, bot_context
from posttrain_arena.cli.bot.report import report_check
from posttrain_arena.cli.launch_desk import Desk
from posttrain_arena.core.launch.progress import ManagedJob
from posttrain_arena.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the kind of the event."""
    parser.add_argument("--name", choices=sorted(RUNS), required=True, help="which event the payload is of")


def run(arguments: argparse.Namespace) -> int:
    """Rehearse."""
    simulate(bot_context(arguments), arguments.name)
    return 0


def simulate(context: BotContext, name: str) -> None:
    """Print what would happen."""
    if name not in RUNS:
        raise UsageError(f"no workflow acts on {name}")
    repository = rehearsed(context.name, context.token, context.api, lambda line: print(f"would send: {line}"))
    RUNS[name](dataclasses.replace(context, given=repository, rehearsal=True, desk=_desk(context)))


def _on_label_or_end(context: BotContext) -> None:
    if context.payload.get("action") == "labeled":
        authorise(context)
        print("where that authorises: plan the job without a token, judge again, launch")
    else:
        cancel_asked(context)


def _checks(context: BotContext) -> None:
    print("would run: check (files), gauntlet (trials), by the base branch's checker and without a token")


RUNS: dict[str, Callable[[BotContext], None]] = {
    "pull_request": _checks,
    "pull_request_target": _on_label_or_end,
    "workflow_run": report_check,
}
"""What the workflows do on each event."""


def _desk(context: BotContext) -> Callable[[Path], Desk]:
    return lambda ledger: Desk(ledger=ledger, compute=context.competition.compute, machines=_NoMachines())


class _NoMachines:
    """Machines of a rehearsal: nothing runs, and what would be asked of them is printed."""

    def ensure(self, name: str, doc: Mapping[str, Any], secrets: Mapping[str, str]) -> ManagedJob:
        """Tell of a launch."""
        print(f"would launch: {name}")
        return ManagedJob(sky_id=0, name=name, status="PENDING")

    def find(self, name: str) -> list[ManagedJob]:
        """Say that a job of this name runs, so that its end can be told."""
        return [ManagedJob(sky_id=0, name=name, status="RUNNING")]

    def get(self, name: str, sky_id: int) -> ManagedJob:
        """Say that it runs."""
        return ManagedJob(sky_id=sky_id, name=name, status="RUNNING")

    def log(self, sky_id: int) -> str:
        """Return nothing: nothing ran."""
        return ""

    def cancel(self, ids: Sequence[int]) -> None:
        """Tell of an end."""
        print(f"would cancel: {len(ids)} jobs")
