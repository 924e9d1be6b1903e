"""Work on the ledger between its branch and a folder of this run alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from posttrain_arena.adapters.github.ledger import pull_ledger, push_ledger
from posttrain_arena.adapters.github.words import say
from posttrain_arena.cli.bot.context import BotContext
from posttrain_arena.core.contest.blind import blind_news
from posttrain_arena.core.contest.train_comment import TrainNews, train_comment
from posttrain_arena.core.launch.budget import stage_hours
from posttrain_arena.core.launch.ledger import find, read_ledger
from posttrain_arena.core.launch.progress import queue, running
from posttrain_arena.errors import GitHubError, UsageError
from posttrain_arena.model.launch import Launch, Place, StageRun

T = TypeVar("T")

ATTEMPTS = 3


def with_ledger(context: BotContext, message: str, act: Callable[[Path], T]) -> T:
    """Return what ``act`` gives for the ledger's folder, whose changes are committed then.

    Where somebody else has written to the branch meanwhile it is done again on what is there now: what ``act`` does to
    machines is found by its name and never doubled.
    """
    for attempt in range(ATTEMPTS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            seen = pull_ledger(context.repository, folder, seal=context.seal)
            result = act(folder)
            if context.rehearsal:
                return result
            try:
                push_ledger(
                    context.repository, folder, seen=seen, message=message, seal=context.seal, hidden=context.blind
                )
            except GitHubError as error:
                if error.status != 409 or attempt == ATTEMPTS - 1:
                    raise
                continue
            return result
    raise AssertionError("the last attempt returns or raises")


def place() -> Place:
    """Return where jobs run, from the variables of the repository; raises UsageError with those that are missing."""
    wanted = ("ARENA_STORE", "ARENA_SUITE")
    if missing := [name for name in wanted if not os.environ.get(name)]:
        raise UsageError(f"set the repository's variable {' and '.join(missing)} (docs/operators.md)")
    return Place(
        infra=os.environ.get("ARENA_INFRA", ""),
        store=os.environ["ARENA_STORE"],
        suite=os.environ["ARENA_SUITE"],
        python=os.environ.get("ARENA_PYTHON", ""),
    )


def news_of(context: BotContext, ledger: Path, launch: Launch) -> TrainNews:
    """Return what the comment about a launch tells while it is not scored."""
    stage = running(launch)
    most = stage.reserved_usd if stage is not None else 0.0
    return TrainNews(
        launch=launch,
        baseline=find(ledger, launch.baseline),
        place=_place_in_queue(ledger, launch),
        cost_usd=round(most - _spared(context, stage), 2) if stage is not None else 0.0,
        most_usd=most,
    )


def _spared(context: BotContext, stage: StageRun) -> float:
    """Return the US dollars by which a stage stays below its reserve on the cheapest of its machines."""
    prices = stage.prices.values()
    hours = stage_hours(context.competition.compute, stage.stage)
    return hours * (max(prices, default=0.0) - min(prices, default=0.0))


def say_news(context: BotContext, number: int, news: TrainNews) -> None:
    """Say on a pull request how its launch stands, as far as that may be known today."""
    say(context.repository, number, train_comment(blind_news(news) if context.blind else news))


def _place_in_queue(ledger: Path, launch: Launch) -> int:
    """Return a launch's place among those that wait, from 1; 0 where it does not wait."""
    names = [one.name for one in queue(read_ledger(ledger))]
    return names.index(launch.name) + 1 if launch.name in names else 0
