"""Tell an audit in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.model.audit import Audit, DetectorReport
from posttrain_arena.model.shown import shown

MOST_FLAGS = 5
_VERDICTS = {
    "flagged": "FLAGGED",
    "not-flagged": "not flagged by the detectors that could judge",
    "not-judged": "NOT JUDGED: no detector had what it judges by",
}


def told(audit: Audit) -> str:
    """Return the audit as lines, what was flagged first."""
    return "\n".join([*_lines(audit), ""])


def _lines(audit: Audit) -> Iterator[str]:
    yield f"{shown(audit.run)}: {_VERDICTS[audit.verdict]}"
    for status in ("flagged", "not-judged", "not-flagged"):
        for report in audit.detectors:
            if report.status == status:
                yield from _detector(report)
    judge = audit.judge
    yield f"  judge: {judge.status}" + (f" ({shown(judge.why)})" if judge.why else "")
    for vote in judge.votes:
        yield f"      {vote.vote or 'no vote'}: {shown(vote.reason)}"


def _detector(report: DetectorReport) -> Iterator[str]:
    count = f", {report.found} pieces of evidence" if report.found else ""
    yield f"  {report.status:<11} {report.id}{count}" + (f": {report.why}" if report.why else "")
    for flag in report.flags[:MOST_FLAGS]:
        yield f"      {shown(flag.where)}: {shown(flag.what)} ({shown(flag.measure)})"
    if report.found > MOST_FLAGS:
        yield f"      and {report.found - MOST_FLAGS} more in audit.json"
    if report.flags:
        yield f"      error rate: {report.error_rate}"
    yield from (f"      note: {shown(note)}" for note in report.notes)
