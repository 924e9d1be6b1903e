"""Look after what was launched: next stages, costs, failures; commit the results and say them on their pull requests.

Safe to run at any time, again, and beside another one: results are files that are never overwritten, and what runs is
found by its name.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Literal

from posttrain_arena.adapters.github.entries import fetch_entry
from posttrain_arena.adapters.github.files import commit_files
from posttrain_arena.adapters.github.words import say, set_labels
from posttrain_arena.cli.bot.context import BotContext, bot_context, hand_on
from posttrain_arena.cli.bot.ledger import news_of, with_ledger
from posttrain_arena.cli.collect import look
from posttrain_arena.cli.launch_desk import ENTRY
from posttrain_arena.cli.launched_run import write_run
from posttrain_arena.cli.results import add_run
from posttrain_arena.core.contest.train_comment import train_comment
from posttrain_arena.core.launch.ledger import read_ledger
from posttrain_arena.core.launch.progress import next_stage, over
from posttrain_arena.errors import ArenaError, GitHubError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.lock import locked
from posttrain_arena.model.shown import shown
from posttrain_arena.model.tree import tree_digest

PAGES = "pages.yml"

Landed = Literal["nothing", "new", "known", "refused"]
"""What became of a launch's result."""


def run(arguments: argparse.Namespace) -> int:
    """Look once; exit code 3 where a launch could not be looked after, and the others were."""
    return 0 if collect(bot_context(arguments)) else ArenaError.exit_code


def collect(context: BotContext) -> bool:
    """Look after every launch once; return whether that went well for all."""
    return with_ledger(context, "Look after the launched jobs", lambda ledger: _collect(context, ledger))


def _collect(context: BotContext, ledger: Path) -> bool:
    if not read_ledger(ledger):
        print("nothing was launched yet")
        return True
    with locked(ledger):
        looked = look(context.desk(ledger), [], first=lambda launch: _bring_entry(context, ledger, launch))
    landed = [_publish(context, ledger, launch) for launch, _ in looked if launch.entry]
    if "new" in landed:
        context.repository.get_workflow(PAGES).create_dispatch(context.branch)
    return all(well for _, well in looked) and "refused" not in landed


def _bring_entry(context: BotContext, ledger: Path, launch: Launch) -> None:
    """Fetch the files of an entry that waited for its turn; they are those that were judged, or nothing is launched."""
    stage, folder = next_stage(launch), ledger / launch.name / ENTRY
    if stage is None or stage.stage != "post-train" or folder.exists():
        return
    job = documents.read_document(ledger / launch.name / "job.json", Job)
    with tempfile.TemporaryDirectory(dir=ledger) as name:
        fetched = Path(name) / ENTRY
        fetch_entry(context.repository, launch.head, f"submissions/{launch.entry}", fetched)
        if tree_digest(fetched) != job.entry.digest:
            raise ArenaError(f"{launch.name}: {launch.entry} at {launch.head[:12]} is not the entry that was judged")
        fetched.rename(folder)


def _publish(context: BotContext, ledger: Path, launch: Launch) -> Landed:
    """Commit a finished run and say how a launch stands; a result that does not hold keeps no other waiting."""
    news = dataclasses.replace(news_of(context, ledger, launch), blind=context.blind)
    try:
        landed, result = _landed(context, ledger, launch)
        news = dataclasses.replace(news, result=result)
        if result is not None:
            news = dataclasses.replace(news, page=context.run_page(result.id))
    except GitHubError:
        raise
    except ArenaError as error:
        print(f"{launch.name}: {shown(error, 1000)}")
        landed, news = "refused", dataclasses.replace(news, refused=str(error))
    if launch.pull is not None:
        say(context.repository, launch.pull, train_comment(news))
        if over(launch):
            set_labels(context.repository, launch.pull, on=[], off=[context.competition.labels.running])
    return landed


def _landed(context: BotContext, ledger: Path, launch: Launch) -> tuple[Landed, LeaderboardRun | None]:
    path = write_run(ledger, launch)
    if path is None:
        return "nothing", None
    result = documents.read_document(path, LeaderboardRun)
    return "new" if _commit(context, result) else "known", result


def _commit(context: BotContext, result: LeaderboardRun) -> bool:
    """Recompute a run from its own rewards and commit it, once."""
    with tempfile.TemporaryDirectory() as name:
        data = add_run(result, Path(name)).read_bytes()
    place = f"leaderboard/runs/{result.id}.json"
    landed = commit_files(context.repository, context.branch, {place: data}, f"Add the run {result.id}")
    if landed.made:
        print(f"committed {place} as {landed.sha}")
        hand_on(committed=landed.sha)
    return landed.made
