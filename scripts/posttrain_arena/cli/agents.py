"""Run agents that post-train a model themselves, and evaluate what they left.

  arena agents run submissions/my-team --out build/run
  arena agents run starting-kit/agents/noop --budget-sec 60 --out build/noop
  arena agents evaluate build/run --secret secret.key
  arena agents reference --secret secret.key --out build/base.json
  arena agents known-model models/instruct --base-model tiny --references known.json

The rules are those of `agent_runs` in competition.yaml. Without --base it is the embedded default: the tiny model of
`arena demo`, a benchmark that it can learn, two minutes. The secret is any file of at least 16 bytes that the
organisers keep to themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from posttrain_arena.cli import agents_evaluate, agents_known, agents_run
from posttrain_arena.cli.agents_machine import add_machine_arguments

_RUNS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]] = {
    "run": ("run an agent within its budget", agents_run.add_arguments, agents_run.run),
    "evaluate": ("evaluate a run on the hidden split", agents_evaluate.add_arguments, agents_evaluate.run),
    "reference": (
        "evaluate a model that no agent made",
        agents_evaluate.add_reference_arguments,
        agents_evaluate.refer,
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    for name, (summary, add, run) in _RUNS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        add(command)
        add_machine_arguments(command)
        command.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models")
        command.set_defaults(run_subcommand=run)
    known = commands.add_parser("known-model", help="add a model of others to what audits compare with")
    agents_known.add_arguments(known)
    known.set_defaults(run_subcommand=agents_known.run)


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand."""
    code: int = arguments.run_subcommand(arguments)
    return code
