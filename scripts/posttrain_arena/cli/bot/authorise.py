"""Judge a label before anything of its pull request is touched; refuse with a comment, or say what may be launched."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from posttrain_arena.adapters.github.ledger import pull_ledger
from posttrain_arena.adapters.github.words import say, set_labels
from posttrain_arena.cli.bot.context import BotContext, bot_context, hand_on
from posttrain_arena.cli.bot.labels import judged
from posttrain_arena.core.contest.events import PullChange, pull_change
from posttrain_arena.core.contest.labels import Refusal
from posttrain_arena.core.contest.train_comment import refusal_comment


def run(arguments: argparse.Namespace) -> int:
    """Judge; a refusal is an outcome, not a fault of ours."""
    authorise(bot_context(arguments))
    return 0


def authorise(context: BotContext) -> None:
    """Judge the label of the event."""
    change = pull_change(context.payload)
    label = context.competition.labels.post_train
    if change.action != "labeled" or change.label != label:
        print(f"not the label {label}: nothing to do")
        return
    with tempfile.TemporaryDirectory() as folder:
        pull_ledger(context.repository, Path(folder))
        pull, found = judged(context, change, Path(folder))
    if isinstance(found, Refusal):
        refuse(context, change, found, head=pull.head)
    else:
        hand_on(head=found.head, entry=found.entry)
        print(f"pull request {pull.number}: {found.entry} at {found.head} may be launched")


def refuse(context: BotContext, change: PullChange, refusal: Refusal, *, head: str) -> None:
    """Say why nothing is launched, and take the label off, so that it can be set anew."""
    label = context.competition.labels.post_train
    body = refusal_comment(refusal, actor=change.actor, label=label, head=head)
    say(context.repository, change.number, body)
    set_labels(context.repository, change.number, on=[], off=[label])
    print(f"pull request {change.number}: refused: {refusal.rule}: {refusal.what}")
