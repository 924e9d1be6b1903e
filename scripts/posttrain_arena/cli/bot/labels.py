"""Judge a label that asks for post-training with what the API and the ledger say now."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path

from posttrain_arena.adapters.github.pulls import may, read_pull
from posttrain_arena.adapters.github.words import statuses
from posttrain_arena.cli.bot.context import BotContext, today
from posttrain_arena.core.contest.events import PullChange
from posttrain_arena.core.contest.labels import Authorised, Case, Refusal, Standing, judge_label
from posttrain_arena.core.contest.pull_request import PullRequest, only_entry
from posttrain_arena.core.launch.budget import held
from posttrain_arena.core.launch.ledger import read_ledger
from posttrain_arena.core.launch.progress import over
from posttrain_arena.model.competition import Competition, Phase
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.phases import phase_of


def judged(context: BotContext, change: PullChange, ledger: Path) -> tuple[PullRequest, Authorised | Refusal]:
    """Return the pull request as it is now, and what its label leads to."""
    pull = read_pull(context.repository, change.number)
    day = today()
    phase = phase_of(context.competition, day)
    entry = (only_entry(pull.paths) or "").rpartition("/")[2]
    own = [launch for launch in read_ledger(ledger) if launch.entry and launch.entry == entry]
    standing = Standing(
        permission=may(context.repository, change.actor),
        statuses=statuses(context.repository, pull.head),
        phase=phase,
        runs=scored_runs(own, phase, day),
        running=next((launch.name for launch in own if not over(launch)), ""),
        over_budget=_over_budget(own, context.competition),
    )
    return pull, judge_label(Case(request=change.request, pull=pull, standing=standing))


def scored_runs(launches: Iterable[Launch], phase: Phase | None, day: datetime.date) -> int:
    """Count an entry's runs that were scored in the window of the phase's limit, which ends with ``day``."""
    if phase is None or phase.runs is None:
        return 0
    window = phase.runs.days
    first = (day - datetime.timedelta(days=window - 1)).isoformat() if window else phase.opens or ""
    return sum(
        launch.asked >= first and all(stage.state == "succeeded" for stage in launch.stages) for launch in launches
    )


def _over_budget(own: Iterable[Launch], competition: Competition) -> str:
    spent, budget = held(own), competition.compute.entry_usd
    return f"the entry spent ${spent:.2f} of its ${budget:.2f}" if spent >= budget else ""
