"""Show a report: as text for a terminal, as JSON, as annotations for GitHub, as SARIF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from posttrain_arena.core.check.quote import quote
from posttrain_arena.core.check.rules.catalogue import HIDING
from posttrain_arena.core.check.sarif import sarif_log
from posttrain_arena.core.check.text_file import STARTS_WITH_MARK
from posttrain_arena.model import documents
from posttrain_arena.model.counted import many
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import RESOURCES, Report, Subject, TrialSummary
from posttrain_arena.model.shown import shown

RULES_PAGE = "docs/rules.md"

_GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}
_LONG = 1000
_MARGIN = 7
"""Columns of a finding's place, so that the places of a file stand below each other."""

_MAX_LINES = 50
"""Of one finding."""

_MAX_NAMED = 5
"""Files that are named on one line; of more their number says enough."""

_CHEAT = "probe:"
_RESET = "\x1b[0m"
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;34m"}
_STRONG, _FAINT, _FIX = "\x1b[1m", "\x1b[2m", "\x1b[32m"

Source = Callable[[str, int], str | None]
"""Returns a line of a file that a finding names, or None where it cannot be had."""


def as_text(report: Report, source: Source, *, colour: bool = False) -> str:
    """Return the findings grouped by file, each with its line and a caret, the trials, and a line with the totals."""
    lines = [
        line for subject in report.subjects for line in (*_file_lines(subject, source, colour), *_trial_lines(subject))
    ]
    if any(subject.findings for subject in report.subjects):
        lines += [f"{RULES_PAGE} says more about each [rule].", *_half_read(report), ""]
    return "\n".join([*lines, _total(report)]) + "\n"


def as_json(report: Report, source: Source) -> str:
    """Return the report document."""
    return documents.encode(documents.to_document(report)).decode("utf-8")


def as_github(report: Report, source: Source) -> str:
    """Return one workflow command per finding, which GitHub shows on the line, and a line with the totals."""
    findings = [finding for subject in report.subjects for finding in subject.findings]
    return "\n".join([*(_annotation(finding) for finding in findings), _total(report)]) + "\n"


def as_sarif(report: Report, source: Source) -> str:
    """Return the findings as a SARIF 2.1.0 log, which code scanning reads."""
    return documents.encode(sarif_log(report, source)).decode("utf-8")


FORMATS: dict[str, Callable[[Report, Source], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def _file_lines(subject: Subject, source: Source, colour: bool) -> Iterator[str]:
    for path, findings in groupby(subject.findings, key=lambda finding: finding.path):
        yield _in(_STRONG, shown(path, _LONG), colour)
        for finding in findings:
            at = ":".join(str(number) for number in (finding.line, finding.column) if number is not None)
            severity = _in(_COLOURS[finding.severity], f"{finding.severity:<7}", colour)
            rule = _in(_FAINT, f"[{shown(finding.rule)}]", colour)
            first, *more = _what(finding)
            yield f"{at:>{_MARGIN}}  {severity}  {first}  {rule}"
            yield from (f"{'':{_MARGIN}} | {line}" for line in more)
            yield from _quoted(finding, source, colour)
            yield f"{'':{_MARGIN}} = {_in(_FIX, 'fix:', colour)} {shown(finding.how, _LONG)}"
            yield ""


def _what(finding: Finding) -> list[str]:
    """Return what is wrong, line by line: what a program said has several."""
    first, *more = finding.what.split("\n")
    return [shown(line, _LONG) for line in (first, *more[-_MAX_LINES:])]


def _quoted(finding: Finding, source: Source, colour: bool) -> Iterator[str]:
    text = None if finding.line is None else source(finding.path, finding.line)
    if finding.line is None or text is None or not text.strip():
        return
    quoted = quote(text.removesuffix("\r"), finding.column)
    yield f"{finding.line:>{_MARGIN}} | {quoted.text}".rstrip()
    if quoted.caret is not None:
        yield f"{'':{_MARGIN}} | {' ' * quoted.caret}{_in(_COLOURS[finding.severity], '^', colour)}"


def _half_read(report: Report) -> Iterator[str]:
    """Yield what to expect where a file could not be read whole, so that rules about it kept silent."""
    findings = (finding for subject in report.subjects for finding in subject.findings)
    hiding = (finding for finding in findings if finding.rule in HIDING and finding.what != STARTS_WITH_MARK)
    paths = list(dict.fromkeys(finding.path for finding in hiding))
    if paths:
        named = [shown(path, _LONG) for path in paths[:_MAX_NAMED]]
        named += [many(len(paths) - _MAX_NAMED, "other file")] if len(paths) > _MAX_NAMED else []
        them = "this is" if len(paths) == 1 else "these are"
        yield f"{', '.join(named)} could not be read as a whole: more may be found once {them} mended."


def _in(code: str, text: str, colour: bool) -> str:
    return f"{code}{text}{_RESET}" if colour else text


def _trial_lines(subject: Subject) -> Iterator[str]:
    """Yield the trials of a package: the honest ones each, the cheats together, and the most that they used."""
    if not subject.trials:
        return
    yield f"{shown(subject.path, _LONG)}: trials"
    cheats = [trial for trial in subject.trials if trial.agent.startswith(_CHEAT)]
    for trial in subject.trials:
        if trial not in cheats or (trial.failure is not None and trial.failure.owner != "author"):
            yield _aligned(shown(trial.agent), f"{_said(trial)}  ({trial.seconds:.1f} s)")
    if cheats:
        paid = [shown(trial.agent.removeprefix(_CHEAT)) for trial in cheats if trial.passed]
        said = f"none of {len(cheats)} pays" if not paid else f"{len(paid)} of {len(cheats)} pay: {', '.join(paid)}"
        yield _aligned("cheats", f"{said}  (sum {sum(trial.seconds for trial in cheats):.1f} s)")
    used = {peak.resource: f"{peak.used:.1f} of {peak.limit:g} {peak.unit}".rstrip() for peak in subject.peaks}
    if used:
        yield _aligned(
            "used", ", ".join(f"{name} {used.get(name, '-')}" for name in dict.fromkeys((*RESOURCES, *used)))
        )
    yield ""


def _aligned(name: str, said: str) -> str:
    return f"{'':{_MARGIN}}  {name:<7}  {said}"


def _said(trial: TrialSummary) -> str:
    failure = trial.failure
    if failure is None:
        return f"reward {trial.reward}"
    told = f"failed in {failure.stage}: {failure.reason} (owner: {failure.owner})"
    return told if failure.owner == "author" else f"{told}: {shown(failure.detail, 200)}"  # the author's is a finding


def _total(report: Report) -> str:
    counts = report.counts
    manifests = sum(subject.kind == "entry" for subject in report.subjects)
    if manifests and not counts.packages:
        looked_at = "1 entry" if manifests == 1 else f"{manifests} entries"
    else:
        looked_at = many(counts.packages, "package")
    parts = [looked_at, many(counts.errors, "error"), many(counts.warnings, "warning")]
    parts += [many(counts.notes, "note")] if counts.notes else []
    parts += [many(counts.trials, "trial")] if counts.trials else []
    said = {"passed": "passed", "fix": "fix these", "broken": "we broke, nothing to do for you"}[report.outcome]
    return f"{', '.join(parts)} at level {report.level}: {said}"


def _annotation(finding: Finding) -> str:
    where = f"file={_property(finding.path)}" + _at(finding)
    said = "\n".join(_what(finding))
    message = _data(f"{said}{chr(10) if chr(10) in said else ' | '}fix: {shown(finding.how, _LONG)}")
    return f"::{_GITHUB_LEVEL[finding.severity]} {where},title={_property(finding.rule)}::{message}"


def _at(finding: Finding) -> str:
    if finding.line is None:
        return ""
    return f",line={finding.line}" + (f",col={finding.column}" if finding.column is not None else "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(shown(text, _LONG)).replace(":", "%3A").replace(",", "%2C")
