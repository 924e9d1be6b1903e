"""Say on a pull request why what was authorised came to no launch, and take the label off.

arena bot unlaunched --head 6663f55e1c0a… --refused "$REFUSED"
"""

from __future__ import annotations

import argparse

from posttrain_arena.cli.bot.authorise import refuse
from posttrain_arena.cli.bot.context import bot_context
from posttrain_arena.core.contest.events import pull_change
from posttrain_arena.core.contest.labels import unlaunched


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what was refused."""
    parser.add_argument("--head", required=True, metavar="SHA", help="the commit that was authorised")
    parser.add_argument(
        "--refused", default="", metavar="WHY", help="why the entry was not taken; empty: it was not that"
    )


def run(arguments: argparse.Namespace) -> int:
    """Tell."""
    context = bot_context(arguments)
    refuse(context, pull_change(context.payload), unlaunched(arguments.refused), head=arguments.head)
    return 0
