"""What the workflows on GitHub call: each command reads the event that started it, and talks to the API.

    arena bot report                                  # after a check: comment, statuses, labels, annotations
    arena bot simulate --event event.json --name pull_request_target

The repository, its API and the token are those of the workflow ($GITHUB_REPOSITORY, $GITHUB_API_URL, $GITHUB_TOKEN).
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

ACTIONS: dict[str, tuple[str, str]] = {
    "report": ("posttrain_arena.cli.bot_report", "say what a check of a pull request found"),
}
"""Action → (module with ``run``, help line)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (_, summary) in ACTIONS.items():
        action = actions.add_parser(name, help=summary)
        action.add_argument("--event", type=Path, metavar="FILE", help="the webhook's payload ($GITHUB_EVENT_PATH)")


def run(arguments: argparse.Namespace) -> int:
    """Run one action."""
    code: int = importlib.import_module(ACTIONS[arguments.action][0]).run(arguments)
    return code
