"""What the workflows on GitHub call: each command reads the event that started it, and talks to the API.

    arena bot report                                  # after a check: comment, statuses, labels, annotations
    arena bot authorise --event event.json            # a label: refused with a comment, or handed on

The repository, its API and the token are those of the workflow ($GITHUB_REPOSITORY, $GITHUB_API_URL, $GITHUB_TOKEN).
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

ACTIONS: dict[str, tuple[str, str]] = {
    "report": ("posttrain_arena.cli.bot.report", "say what a check of a pull request found"),
    "authorise": ("posttrain_arena.cli.bot.authorise", "judge a label that asks for post-training"),
    "fetch": ("posttrain_arena.cli.bot.fetch", "fetch the files of the entry that was authorised"),
    "launch": ("posttrain_arena.cli.bot.launch", "judge again and launch the planned job"),
    "unlaunched": ("posttrain_arena.cli.bot.unlaunched", "say why what was authorised was not launched"),
    "cancel": ("posttrain_arena.cli.bot.cancel", "cancel what a pull request asked for"),
    "collect": ("posttrain_arena.cli.bot.collect", "look after launched jobs, commit and say their results"),
    "attested": ("posttrain_arena.cli.bot.attested", "keep what was signed for results, and publish them"),
    "simulate": ("posttrain_arena.cli.bot.simulate", "say what would happen for a webhook, and touch nothing"),
    "phases": ("posttrain_arena.cli.bot.phases", "follow the calendar: labels, announcements, pages"),
}
"""Action → (module with ``run``, and ``add_arguments`` where it has some of its own; help line)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (module, summary) in ACTIONS.items():
        found = importlib.import_module(module)
        action = actions.add_parser(
            name, help=summary, description=found.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if hasattr(found, "add_arguments"):
            found.add_arguments(action)
        action.add_argument("--event", type=Path, metavar="FILE", help="the webhook's payload ($GITHUB_EVENT_PATH)")


def run(arguments: argparse.Namespace) -> int:
    """Run one action."""
    code: int = importlib.import_module(ACTIONS[arguments.action][0]).run(arguments)
    return code
