"""Cancel what a pull request asked for: commits were pushed, its label was removed, or it was closed."""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.adapters.github.words import say, set_labels
from posttrain_arena.cli.bot.context import BotContext, bot_context
from posttrain_arena.cli.bot.ledger import with_ledger
from posttrain_arena.core.contest.events import PullChange, pull_change
from posttrain_arena.core.contest.train_comment import void_comment
from posttrain_arena.core.launch.ledger import keep, read_ledger
from posttrain_arena.core.launch.progress import superseded
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.lock import locked

WHY = {
    "synchronize": "Commits were pushed after the label was set, so what was asked for is not what is here now. "
    "A maintainer can set the label on the new commit.",
    "unlabeled": "The label was removed.",
    "closed": "The pull request was closed without being merged.",
}


def run(arguments: argparse.Namespace) -> int:
    """Cancel what is not over."""
    cancel_asked(bot_context(arguments))
    return 0


def cancel_asked(context: BotContext) -> None:
    """Cancel what the event's pull request asked for, and say why; one that asked for nothing hears nothing."""
    change = pull_change(context.payload)
    labels = context.competition.labels
    other = change.action == "unlabeled" and change.label != labels.running
    if change.action not in WHY or other or change.merged:  # an entry that was taken in goes on
        print("nothing that cancels")
        return
    cancelled = with_ledger(
        context, f"Cancel the jobs of pull request {change.number}", lambda ledger: _cancel(context, ledger, change)
    )
    if cancelled or labels.post_train in change.labels:
        _say_cancelled(context, change)
    print(f"pull request {change.number}: {len(cancelled)} cancelled")


def _cancel(context: BotContext, ledger: Path, change: PullChange) -> list[Launch]:
    kept = change.head if change.action == "synchronize" else None
    chosen = superseded(read_ledger(ledger), change.number, kept)
    if not chosen:
        return []
    with locked(ledger):
        desk = context.desk(ledger)
        return [keep(ledger, desk.cancel(launch)) for launch in chosen]


def _say_cancelled(context: BotContext, change: PullChange) -> None:
    labels = context.competition.labels
    say(context.repository, change.number, void_comment(WHY[change.action], head=change.head))
    set_labels(context.repository, change.number, on=[], off=[labels.running, labels.post_train])
