"""Write the one comment about the check of a pull request: what came out, what to do first, then the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from posttrain_arena.model.counted import many
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.markdown import block, cell, span
from posttrain_arena.model.report import Outcome, Report, Subject

MARKER = "<!-- arena:check -->"
"""The first line of the comment, by which the bot finds its own again."""

MAX_CHARS = 60_000
"""GitHub refuses comments over 65,536 characters."""

MAX_SHOWN = 40
"""Findings that are written out; nobody mends more at once, and the rest stand in the report."""

MAX_ROWS = 15
MAX_REWARDS = 3

Stage = Literal["files", "trials"]
State = Literal["waiting", "running", "skipped"] | Outcome

_SEVERITIES = {"error": 0, "warning": 1, "note": 2}
_CHEAT = "probe:"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNews:
    """How one stage of the check stands: its report where it has one, and where the whole of it can be read.

    ``state`` is the report's outcome where there is one; ``why`` is ours, and says what broke or is waited for.
    """

    stage: Stage
    state: State
    report: Report | None = None
    url: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckNews:
    """All that the comment is made of. ``rules_url`` is the page of the rules, whose ids are ``known_rules``."""

    head: str
    stages: Sequence[StageNews]
    rules_url: str
    known_rules: Collection[str]
    label: str

    @property
    def outcome(self) -> State:
        """What to tell first: the author's faults, then ours, then that something is not over."""
        states = [news.state for news in self.stages]
        order: tuple[State, ...] = ("fix", "broken", "running", "waiting")
        return next((state for state in order if state in states), "passed")


def check_comment(news: CheckNews) -> str:
    """Return the comment's Markdown. The same news give the same text, so that an edit means news."""
    lines = [MARKER, f"### {_headline(news)}", "", *_first(news), *_overview(news), *_packages(news)]
    body = "\n".join([*lines, *_findings(news, MAX_SHOWN), _foot(news)])
    if len(body) > MAX_CHARS:
        body = "\n".join([*lines, *_findings(news, 3), _foot(news)])
    return body + "\n"


def _subjects(news: CheckNews) -> list[Subject]:
    return [subject for stage in news.stages if stage.report for subject in stage.report.subjects]


def _all_findings(news: CheckNews) -> list[Finding]:
    """Return every finding once, errors first, in the order of the report else."""
    found = dict.fromkeys(finding for subject in _subjects(news) for finding in subject.findings)
    return sorted(found, key=lambda finding: _SEVERITIES[finding.severity])


def _headline(news: CheckNews) -> str:
    if news.outcome == "fix":
        errors = sum(finding.severity == "error" for finding in _all_findings(news))
        return f"Fix these: {many(errors, 'error')}"
    return {
        "passed": "Passed",
        "broken": "We broke, nothing to do for you",
        "running": "The check is running",
        "waiting": "The check will begin",
    }[news.outcome]


def _first(news: CheckNews) -> Iterator[str]:
    """Yield what its reader should do first."""
    errors = [finding for finding in _all_findings(news) if finding.severity == "error"]
    if news.outcome == "fix" and errors:
        yield f"Start with {_place(errors[0])}, {_rule(errors[0], news)}:"
        yield ""
        yield block([*errors[0].what.splitlines(), f"fix: {errors[0].how}"])
        yield ""
    elif news.outcome == "broken":
        yield "Something of ours failed before the check could be finished. It is tried again by itself."
        yield ""
    elif news.outcome == "passed":
        yield f"Nothing to do for you. A maintainer can now ask for post-training with the label `{news.label}`."
        yield ""


def _overview(news: CheckNews) -> Iterator[str]:
    for stage in news.stages:
        name = {"files": "Files", "trials": "Trials in Docker"}[stage.stage]
        yield f"- {f'[{name}]({stage.url})' if stage.url else name}: {_said(stage)}"
    yield ""


def _said(stage: StageNews) -> str:
    word = {
        "waiting": "waiting",
        "running": "running",
        "skipped": "not needed",
        "passed": "passed",
        "fix": "fix these",
        "broken": "we broke",
    }[stage.state]
    if stage.report is None:
        return f"{word}, {stage.why}" if stage.why else word
    counts = stage.report.counts
    parts = [many(counts.packages, "package")]
    parts += [many(counts.trials, "trial")] if counts.trials else []
    parts += [many(number, noun) for number, noun in ((counts.errors, "error"), (counts.warnings, "warning")) if number]
    return f"{word}, {', '.join(parts)}"


def _packages(news: CheckNews) -> Iterator[str]:
    """Yield a row for each package that has something to mend, and the others folded away."""
    told = {subject.path: subject for subject in _subjects(news) if subject.findings or subject.trials}
    mend = [subject for subject in told.values() if subject.findings or subject.outcome != "passed"]
    sound = [subject for subject in told.values() if subject not in mend]
    if mend:
        yield from _table(mend)
    if sound:
        yield f"<details><summary>{many(len(sound), 'package')} with nothing to mend</summary>"
        yield ""
        yield from _table(sound)
        yield "</details>"
        yield ""


def _table(subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield a table of packages; what their trials earned only where some had any."""
    columns: list[tuple[str, Callable[[Subject], str]]] = [("Package", lambda subject: cell(subject.name))]
    if any(subject.trials for subject in subjects):
        columns.append(("Oracle", lambda subject: _reward(subject, "oracle")))
        columns.append(("Empty trial", lambda subject: _reward(subject, "noop")))
        columns.append(("Cheats that pay", _paid))
    if any(subject.findings or subject.outcome != "passed" for subject in subjects):
        columns.append(("To mend", _mend))
    yield f"| {' | '.join(name for name, _ in columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    for subject in subjects[:MAX_ROWS]:
        yield f"| {' | '.join(show(subject) for _, show in columns)} |"
    if len(subjects) > MAX_ROWS:
        yield f"| and {many(len(subjects) - MAX_ROWS, 'package')} more |{' |' * (len(columns) - 1)}"
    yield ""


def _reward(subject: Subject, agent: str) -> str:
    rewards = {trial.reward for trial in subject.trials if trial.agent == agent}
    told = sorted("none" if reward is None else f"{reward:g}" for reward in rewards)
    return ", ".join(told[:MAX_REWARDS]) + (", …" if len(told) > MAX_REWARDS else "") or "-"


def _paid(subject: Subject) -> str:
    cheats = [trial for trial in subject.trials if trial.agent.startswith(_CHEAT)]
    return f"{sum(trial.passed for trial in cheats)} of {len(cheats)}" if cheats else "-"


def _mend(subject: Subject) -> str:
    severities = [finding.severity for finding in subject.findings]
    parts = [many(count, name) for name in ("error", "warning") if (count := severities.count(name))]
    return ", ".join(parts) or ("-" if subject.outcome == "passed" else "we broke")


def _findings(news: CheckNews, most: int) -> Iterator[str]:
    findings = _all_findings(news)
    if not findings or [finding.severity for finding in findings] == ["error"]:  # then it stands on top already
        return
    lines = [line for finding in findings[:most] for line in _lines(finding)]
    lines += [f"and {len(findings) - most} more: the whole report has them"] if len(findings) > most else []
    rules = list(dict.fromkeys(finding.rule for finding in findings if finding.rule in news.known_rules))
    yield f"<details><summary>{many(len(findings), 'finding')}</summary>"
    yield ""
    yield block(lines)
    yield ""
    if rules:
        yield "What they mean: " + ", ".join(f"[{rule}]({news.rules_url}#{rule})" for rule in rules[:MAX_SHOWN])
    yield "</details>"
    yield ""


def _lines(finding: Finding) -> list[str]:
    at = "".join(f":{number}" for number in (finding.line, finding.column) if number is not None)
    head = f"{finding.path}{at}  {finding.severity}  [{finding.rule}]"
    return [head, *(f"  {line}" for line in finding.what.splitlines()), f"  fix: {finding.how}", ""]


def _place(finding: Finding) -> str:
    return span(finding.path) + (f", line {finding.line}" if finding.line is not None else "")


def _rule(finding: Finding, news: CheckNews) -> str:
    known = finding.rule in news.known_rules
    return f"[{finding.rule}]({news.rules_url}#{finding.rule})" if known else span(finding.rule)


def _foot(news: CheckNews) -> str:
    return f"<sub>Commit {news.head[:12]}. This comment follows the pull request: every push is checked anew.</sub>"
