"""Say on a pull request what its check found: one comment, a status for each stage, labels, words on the lines."""

from __future__ import annotations

import argparse

from posttrain_arena.adapters.github.pulls import find_pull, read_pull
from posttrain_arena.adapters.github.runs import CheckRun, download_artifact, newest_run, start_again
from posttrain_arena.adapters.github.words import annotate, say, set_labels, set_status
from posttrain_arena.cli.bot.context import BotContext, bot_context, summarise
from posttrain_arena.core.check.rules.catalogue import FAMILIES
from posttrain_arena.core.contest.arena_comment import mixed_comment
from posttrain_arena.core.contest.check_comment import CheckNews, Stage, StageNews, check_comment
from posttrain_arena.core.contest.check_state import MAX_ATTEMPTS, WORKFLOWS, labels_of, status_of
from posttrain_arena.core.contest.events import finished_run
from posttrain_arena.core.contest.pull_request import PullRequest, trusted
from posttrain_arena.core.contest.report_artifact import MAX_ZIP_BYTES, Expected, read_artifact
from posttrain_arena.errors import DocumentError, GitHubError
from posttrain_arena.model.report import Level
from posttrain_arena.model.shown import shown

ARTIFACT = "report"
LEVELS: dict[Stage, Level] = {"files": "structural", "trials": "publication-grade"}


def run(arguments: argparse.Namespace) -> int:
    """Report."""
    report_check(bot_context(arguments))
    return 0


def report_check(context: BotContext) -> None:
    """Report; a run that belongs to no open pull request any more is told and no fault."""
    pull = _pull(context)
    if pull is None or not pull.entries:
        print("no open pull request with an entry has this run's commit as its head: nothing to say")
    elif not trusted(pull):
        _refuse_mixed(context, pull)
    else:
        news = _news(context, pull)
        _tell(context, pull, news)
        print(f"pull request {pull.number}: {', '.join(f'{stage.stage} {stage.state}' for stage in news.stages)}")


def _pull(context: BotContext) -> PullRequest | None:
    """Return the pull request of the event's run, where it has not moved on."""
    event = finished_run(context.payload)
    if event is None:
        return None
    number = find_pull(context.repository, context.branch, owner=event.owner, branch=event.branch, head=event.head)
    pull = read_pull(context.repository, number) if number is not None else None
    return pull if pull is not None and pull.head == event.head else None


def _refuse_mixed(context: BotContext, pull: PullRequest) -> None:
    say(context.repository, pull.number, mixed_comment(pull))
    for stage in WORKFLOWS:
        what = "the pull request changes more than entries"
        set_status(context.repository, pull.head, f"arena/{stage}", "failure", said=what)
    names = context.competition.labels
    set_labels(context.repository, pull.number, on=[names.fix], off=[names.passed, names.broken])
    print(f"pull request {pull.number}: changes more than entries: its reports are not used")


def _news(context: BotContext, pull: PullRequest) -> CheckNews:
    return CheckNews(
        head=pull.head,
        stages=[_stage(context, pull, stage) for stage in LEVELS],
        rules_url=context.page("docs/rules.md"),
        known_rules=frozenset(rule.id for family in FAMILIES.values() for rule in family),
        label=context.competition.labels.post_train,
    )


def _stage(context: BotContext, pull: PullRequest, stage: Stage) -> StageNews:
    if not pull.judged:
        return StageNews(stage=stage, state="skipped", why="nothing of the entry is left")
    found = newest_run(context.repository, WORKFLOWS[stage], pull.head)
    if found is None:
        return StageNews(stage=stage, state="waiting")
    if not found.over:
        return StageNews(stage=stage, state="running", url=found.url)
    try:
        data = download_artifact(context.repository, found.id, ARTIFACT, most=MAX_ZIP_BYTES)
        if data is None:
            raise DocumentError("the run ended without a report")
        report = read_artifact(data, Expected(level=LEVELS[stage], entries=pull.judged))
    except (DocumentError, GitHubError) as error:
        return _broken(context, stage, found, str(error))
    if report.outcome == "broken":
        return _broken(context, stage, found, "a part of the check could not be run")
    return StageNews(stage=stage, state=report.outcome, report=report, url=found.url)


def _broken(context: BotContext, stage: Stage, found: CheckRun, why: str) -> StageNews:
    """Start a run that we broke again, as long as it may help."""
    print(f"{stage}: {shown(why, 1000)}")  # a line break would let it speak to the runner
    if found.attempt < MAX_ATTEMPTS:
        start_again(context.repository, found.id)
        said = f"attempt {found.attempt} of {MAX_ATTEMPTS}, tried again now"
    else:
        said = f"after {MAX_ATTEMPTS} attempts; a maintainer has to look"
    return StageNews(stage=stage, state="broken", url=found.url, why=said)


def _tell(context: BotContext, pull: PullRequest, news: CheckNews) -> None:
    for stage in news.stages:
        state, said = status_of(stage)
        set_status(context.repository, pull.head, f"arena/{stage.stage}", state, said=said, url=stage.url)
    on, off = labels_of(news, context.competition)
    set_labels(context.repository, pull.number, on=on, off=off)
    body = check_comment(news)
    say(context.repository, pull.number, body)
    summarise(body)
    for stage in news.stages:  # last: GitHub may refuse a line that it cannot show, and all else is said then
        if stage.report is not None:
            findings = [finding for subject in stage.report.subjects for finding in subject.findings]
            annotate(context.repository, pull.head, f"arena/{stage.stage}", findings, summary=status_of(stage)[1])
