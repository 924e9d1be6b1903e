"""Say how the check of a pull request stands, stage by stage, and what GitHub shows for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from posttrain_arena.core.contest.check_comment import CheckNews, StageNews, State
from posttrain_arena.model.competition import Competition

Status = Literal["pending", "success", "failure", "error"]

WORKFLOWS = {"files": "check", "trials": "gauntlet"}
"""The workflow of each stage, by the name of its file."""

MAX_ATTEMPTS = 3
"""How often a run that we broke is started in all."""

_STATUSES: dict[State, Status] = {
    "waiting": "pending",
    "running": "pending",
    "passed": "success",
    "skipped": "success",
    "fix": "failure",
    "broken": "error",
}


def status_of(news: StageNews) -> tuple[Status, str]:
    """Return the commit status of a stage, ``error`` being ours and ``failure`` the author's, with its words."""
    counts = news.report.counts if news.report is not None else None
    said = {
        "waiting": "waiting",
        "running": "running",
        "skipped": "nothing to do",
        "passed": f"{counts.packages} packages, {counts.warnings} warnings" if counts else "passed",
        "fix": f"{counts.errors} errors to fix" if counts else "errors to fix",
        "broken": "we broke, nothing to do for you",
    }[news.state]
    return _STATUSES[news.state], news.why or said


def labels_of(news: CheckNews, competition: Competition) -> tuple[set[str], set[str]]:
    """Return the labels that a pull request should have and those that it should not: outcome, track and domains."""
    names = competition.labels
    outcomes: dict[State, str] = {"passed": names.passed, "fix": names.fix, "broken": names.broken}
    on = {outcomes[news.outcome]} if news.outcome in outcomes else set()
    topics = {subject.topic for stage in news.stages if stage.report for subject in stage.report.subjects}
    on |= {label for topic in topics if (label := topic_label(topic, competition)) is not None}
    every = {*outcomes.values(), *topic_labels(competition)}
    return on, every - on if topics else set(outcomes.values()) - on


def topic_label(topic: str, competition: Competition) -> str | None:
    """Return the label of a track or a domain; None for anything else, whoever wrote it."""
    if topic in ("environments", "skills", "agents"):
        return f"track: {topic}"
    return f"domain: {topic}" if topic in {domain.slug for domain in competition.domains} else None


def topic_labels(competition: Competition) -> Sequence[str]:
    """Return the labels of all tracks and domains."""
    topics = ["environments", "skills", "agents", *(domain.slug for domain in competition.domains)]
    return [label for topic in topics if (label := topic_label(topic, competition)) is not None]


def all_labels(competition: Competition) -> dict[str, tuple[str, str]]:
    """Return every label that the bot sets, by name, with its colour and what it says."""
    names = competition.labels
    own = {
        names.passed: ("0e8a16", "The check passed"),
        names.fix: ("d93f0b", "The check found errors for the author to mend"),
        names.broken: ("6a737d", "The arena broke; nothing to do for the author"),
        names.post_train: ("1d76db", "A maintainer asks for a scored run: post-training, or an evaluation of skills"),
        names.running: ("5319e7", "A post-training job is queued or runs"),
        "checker": ("ededed", "The check says something wrong"),
        "fault": ("ededed", "Something of the arena is broken"),
        "result": ("ededed", "A result looks wrong"),
        "phase": ("fbca04", "A phase of the competition began or ended"),
    }
    return own | dict.fromkeys(topic_labels(competition), ("ededed", "Set by the bot from the entry"))
