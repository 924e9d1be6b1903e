"""Show a report: as text for a terminal, as JSON, as annotations for GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from posttrain_arena.core.check.spot import shown
from posttrain_arena.model import documents
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Report, Subject

_GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}
_LONG = 1000
_WIDE = 110

Source = Callable[[str, int], str | None]
"""Returns a line of a file that a finding names, or None where it cannot be had."""


def as_text(report: Report, source: Source) -> str:
    """Return the findings grouped by file, each with its line and a caret, the trials, and a line with the totals."""
    lines = [line for subject in report.subjects for line in (*_file_lines(subject, source), *_trial_lines(subject))]
    return "\n".join([*lines, _total(report)]) + "\n"


def as_json(report: Report, source: Source) -> str:
    """Return the report document."""
    return documents.encode(documents.to_document(report)).decode("utf-8")


def as_github(report: Report, source: Source) -> str:
    """Return one workflow command per finding, which GitHub shows on the line, and a line with the totals."""
    findings = [finding for subject in report.subjects for finding in subject.findings]
    return "\n".join([*(_annotation(finding) for finding in findings), _total(report)]) + "\n"


FORMATS: dict[str, Callable[[Report, Source], str]] = {"text": as_text, "json": as_json, "github": as_github}


def _file_lines(subject: Subject, source: Source) -> Iterator[str]:
    for path, findings in groupby(subject.findings, key=lambda finding: finding.path):
        yield shown(path, _LONG)
        for finding in findings:
            at = ":".join(str(number) for number in (finding.line, finding.column) if number is not None)
            yield f"  {at:>6}  {finding.severity:<7}  {shown(finding.what, _LONG)}  [{finding.rule}]"
            yield from _quoted(finding, source)
            yield f"          fix: {shown(finding.how, _LONG)}"


def _quoted(finding: Finding, source: Source) -> Iterator[str]:
    text = None if finding.line is None else source(finding.path, finding.line)
    if finding.line is None or text is None or not text.strip():
        return
    column = finding.column
    start = max(0, (column or 1) - 80)
    yield f"          | {shown(text[start : start + _WIDE], _LONG)}"
    if column is not None and column <= len(text) + 1:
        yield f"          | {' ' * len(shown(text[start : column - 1], _LONG))}^"


def _trial_lines(subject: Subject) -> Iterator[str]:
    if subject.trials:
        yield f"{shown(subject.path, _LONG)}: trials"
    for trial in subject.trials:
        said = f"reward {trial.reward}"
        if trial.failure is not None:
            failure = trial.failure
            said = f"failed in {failure.stage}: {failure.reason} (owner: {failure.owner}): {shown(failure.detail, 200)}"
        yield f"        {shown(trial.agent):<8} {said}  ({trial.seconds:.1f} s)"


def _total(report: Report) -> str:
    counts = report.counts
    parts = [_many(counts.packages, "package"), _many(counts.errors, "error"), _many(counts.warnings, "warning")]
    parts += [_many(counts.notes, "note")] if counts.notes else []
    parts += [_many(counts.trials, "trial")] if counts.trials else []
    said = {"passed": "passed", "fix": "fix these", "broken": "we broke, nothing to do for you"}[report.outcome]
    return f"{', '.join(parts)} at level {report.level}: {said}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _annotation(finding: Finding) -> str:
    where = f"file={_property(finding.path)}" + _at(finding)
    message = _data(f"{shown(finding.what, _LONG)} | fix: {shown(finding.how, _LONG)}")
    return f"::{_GITHUB_LEVEL[finding.severity]} {where},title={_property(finding.rule)}::{message}"


def _at(finding: Finding) -> str:
    if finding.line is None:
        return ""
    return f",line={finding.line}" + (f",col={finding.column}" if finding.column is not None else "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(shown(text, _LONG)).replace(":", "%3A").replace(",", "%2C")
