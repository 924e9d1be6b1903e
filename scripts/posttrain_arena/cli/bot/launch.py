"""Launch the job that was planned for a label, once the label was judged again; say so on the pull request.

    arena bot launch --job job/job.json

Runs in the protected environment. What it is given was planned by the base branch's code; a label that no longer holds
launches nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.adapters.github.words import set_labels
from posttrain_arena.cli.bot.authorise import refuse
from posttrain_arena.cli.bot.context import BotContext, bot_context, today
from posttrain_arena.cli.bot.labels import judged
from posttrain_arena.cli.bot.ledger import news_of, place, say_news, with_ledger
from posttrain_arena.cli.launch import Asked, launch_job
from posttrain_arena.core.contest.events import PullChange, pull_change
from posttrain_arena.core.contest.labels import Refusal
from posttrain_arena.core.contest.train_comment import TrainNews
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.lock import locked
from posttrain_arena.model.phases import phase_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is launched."""
    parser.add_argument("--job", type=Path, required=True, metavar="FILE", help="the job document that was planned")


def run(arguments: argparse.Namespace) -> int:
    """Launch and comment."""
    launch_planned(bot_context(arguments), arguments.job)
    return 0


def launch_planned(context: BotContext, path: Path) -> None:
    """Launch the job in a file for the label of the event, or say why not."""
    change = pull_change(context.payload)
    where = place()
    job = documents.read_document(path, Job)

    def act(ledger: Path) -> TrainNews | Refusal:
        pull, found = judged(context, change, ledger)
        if isinstance(found, Refusal):
            return found
        if found.entry != f"submissions/{job.entry.name}":
            raise UsageError(f"{path}: is of the entry {job.entry.name}, and {found.entry} was authorised")
        asked = Asked(place=where, pull=pull.number, head=pull.head, exhibition=_exhibition(context))
        with locked(ledger):
            *_, launch = launch_job(context.desk(ledger), path, asked)
        return news_of(context, ledger, launch)

    told = with_ledger(context, f"Launch the job of pull request {change.number}", act)
    if isinstance(told, Refusal):
        refuse(context, change, told, head=change.head)
    else:
        _say_launched(context, change, told)


def _say_launched(context: BotContext, change: PullChange, news: TrainNews) -> None:
    labels = context.competition.labels
    say_news(context, change.number, news)
    set_labels(context.repository, change.number, on=[labels.running], off=[labels.post_train])
    print(f"pull request {change.number}: launched {news.launch.name}")


def _exhibition(context: BotContext) -> str:
    """Return why a run of today holds no rank; empty where it does."""
    phase = phase_of(context.competition, today())
    return "" if phase is not None and phase.ranked else f"{phase.name if phase else 'no phase'} has no ranks"
