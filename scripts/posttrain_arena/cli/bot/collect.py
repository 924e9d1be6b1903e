"""Look after what was launched: next stages, costs, failures; publish the results and say them on their pull requests.

Safe to run at any time, again, and beside another one: results are files that are never overwritten, and what runs is
found by its name.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.adapters.github.entries import fetch_entry
from posttrain_arena.adapters.github.words import set_labels
from posttrain_arena.cli.bot.context import BotContext, bot_context, summarise
from posttrain_arena.cli.bot.ledger import news_of, say_news, with_ledger
from posttrain_arena.cli.bot.publish import publish
from posttrain_arena.cli.collect import look
from posttrain_arena.cli.launched_run import write_run
from posttrain_arena.core.launch.ledger import keep, read_ledger
from posttrain_arena.core.launch.progress import next_stage, over, with_stage
from posttrain_arena.core.launch.stage_inputs import ENTRY
from posttrain_arena.errors import ArenaError, EntryError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import TAKES_ENTRY, Launch, StageFailure
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.lock import locked
from posttrain_arena.model.markdown import block, span
from posttrain_arena.model.shown import shown
from posttrain_arena.model.tree import tree_digest

_LONG = 1000
_HIDDEN = "hidden while the phase is blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a finished launch: its run, or why there is none (empty while it is not finished)."""

    launch: Launch
    run: LeaderboardRun | None = None
    refused: str = ""


def run(arguments: argparse.Namespace) -> int:
    """Look once; exit code 3 where a launch could not be looked after, or its result was refused just now."""
    return 0 if collect(bot_context(arguments)) else ArenaError.exit_code


def collect(context: BotContext) -> bool:
    """Look after every launch once; return whether there is nothing new for a maintainer to look at."""
    return with_ledger(context, "Look after the launched jobs", lambda ledger: _collect(context, ledger))


def _collect(context: BotContext, ledger: Path) -> bool:
    if not read_ledger(ledger):
        print("nothing was launched yet")
        return True
    with locked(ledger):
        looked = look(context.desk(ledger), [], first=lambda launch: _with_entry(context, ledger, launch))
    results = [_result(ledger, launch) for launch, _ in looked if launch.entry]
    refused = publish(context, [result.run for result in results if result.run is not None])
    results = [_unless_refused(result, refused) for result in results]
    news = [_told(context, ledger, result) for result in results]
    return all(well for _, well in looked) and not any(news)


def _with_entry(context: BotContext, ledger: Path, launch: Launch) -> Launch:
    """Fetch the files of an entry that waited for its turn; they are those that were judged, or its launch failed."""
    stage, folder = next_stage(launch), ledger / launch.name / ENTRY
    if stage is None or stage.stage not in TAKES_ENTRY or folder.exists():
        return launch
    job = documents.read_document(ledger / launch.name / "job.json", Job)
    with tempfile.TemporaryDirectory(dir=ledger) as name:
        fetched = Path(name) / ENTRY
        try:
            fetch_entry(context.repository, launch.head, f"submissions/{launch.entry}", fetched)
            if tree_digest(fetched) != job.entry.digest:
                raise EntryError(f"{launch.entry} at {launch.head[:12]} is not the entry that was judged")
        except EntryError as error:
            failure = StageFailure(owner="author", reason="entry-changed", detail=shown(error, _LONG))
            return keep(ledger, with_stage(launch, dataclasses.replace(stage, state="failed", failure=failure)))
        fetched.rename(folder)
    return launch


def _result(ledger: Path, launch: Launch) -> Result:
    """Make a finished launch's run anew from its evaluations; a result that does not hold keeps no other waiting."""
    try:
        path = write_run(ledger, launch)
    except ArenaError as error:
        why = str(error).replace(f"{ledger}/", "")  # a folder of this run alone, which would make each reason a new one
        return Result(launch=launch, refused=shown(why, _LONG))
    return Result(launch=launch, run=documents.read_document(path, LeaderboardRun) if path is not None else None)


def _unless_refused(result: Result, refused: Mapping[str, str]) -> Result:
    why = refused.get(result.run.id, "") if result.run is not None else ""
    return Result(launch=result.launch, refused=why) if why else result


def _told(context: BotContext, ledger: Path, result: Result) -> bool:
    """Say how a launch stands; return whether its result is refused for a reason that nobody was told yet."""
    launch, why = result.launch, result.refused
    known = documents.digest(why) if why and context.blind else why
    new = bool(known) and launch.refused != known
    launch = _kept(context, ledger, dataclasses.replace(launch, refused=known))
    news = dataclasses.replace(
        news_of(context, ledger, launch),
        result=result.run,
        page=context.run_page(result.run.id) if result.run is not None else "",
        unpublished=bool(why),
        why=why,
    )
    if new:
        said = _HIDDEN if context.blind else why
        print(f"{launch.name}: refused: {said}")
        summarise(f"### Not published: {span(launch.name)}\n\n{block([said])}")
    if launch.pull is not None:
        say_news(context, launch.pull, news)
        if over(launch):
            set_labels(context.repository, launch.pull, on=[], off=[context.competition.labels.running])
    return new


def _kept(context: BotContext, ledger: Path, launch: Launch) -> Launch:
    """Write a launch into the ledger, which is public: why an evaluation failed may name rewards."""
    for stage in launch.stages:
        if context.blind and stage.stage != "post-train" and stage.failure is not None:
            failure = dataclasses.replace(stage.failure, detail=_HIDDEN)
            launch = with_stage(launch, dataclasses.replace(stage, failure=failure))
    return keep(ledger, launch)
