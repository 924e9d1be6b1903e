"""Follow the calendar of competition.yaml: labels as it names them, a word when a phase begins or ends, fresh pages.

What a phase allows is judged from the date wherever it matters, so nothing hangs on this having run.
"""

from __future__ import annotations

import argparse
import datetime

from posttrain_arena.adapters.github.words import announce, ensure_labels
from posttrain_arena.cli.bot.context import PAGES, BotContext, bot_context, today
from posttrain_arena.core.contest.announcements import phase_announcement
from posttrain_arena.core.contest.check_state import all_labels


def run(arguments: argparse.Namespace) -> int:
    """Follow the calendar of today."""
    follow(bot_context(arguments), today())
    return 0


def follow(context: BotContext, day: datetime.date) -> None:
    """Have the labels, and tell what changed since yesterday; the same day may be followed again."""
    ensure_labels(context.repository, all_labels(context.competition))
    told = phase_announcement(context.competition, day)
    if told is None:
        print("no phase began or ended today")
    elif announce(context.repository, told.title, told.body):
        context.repository.get_workflow(PAGES).create_dispatch(context.branch)
        print(told.title)
