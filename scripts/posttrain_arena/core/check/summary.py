"""Put what a check found together into its report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from posttrain_arena.core.check.entry import CheckedEntry
from posttrain_arena.core.check.read import Checked, has_errors, place_of
from posttrain_arena.errors import UsageError
from posttrain_arena.model.report import Counts, Level, Outcome, Report, Subject
from posttrain_arena.model.shown import shown


def entry_subject(checked: CheckedEntry, *, root: Path) -> Subject:
    """Return the part of the report about an entry's manifest."""
    return Subject(
        kind="entry",
        name=shown(checked.path.name),
        path=shown(place_of(checked.path, root), 1000),
        digest=None,
        outcome="fix" if has_errors(checked.findings) else "passed",
        findings=checked.findings,
        topic=checked.submission.track if checked.submission else "",
    )


def package_subject(checked: Checked, *, root: Path) -> Subject:
    """Return the part of the report about one package, which has had no trials yet."""
    return Subject(
        kind="package",
        name=shown(checked.path.name),
        path=shown(place_of(checked.path, root), 1000),
        digest=checked.package.digest if checked.package else None,
        outcome="fix" if has_errors(checked.findings) else "passed",
        findings=checked.findings,
        topic=shown(checked.package.category) if checked.package else "",
    )


def build_report(level: Level, subjects: Iterable[Subject]) -> Report:
    """Return the whole report; the author's faults come before ours, so that there is something to do."""
    ordered = tuple(sorted(subjects, key=lambda subject: (subject.path, subject.kind)))
    outcomes = {subject.outcome for subject in ordered}
    outcome: Outcome = "fix" if "fix" in outcomes else "broken" if "broken" in outcomes else "passed"
    severities = [finding.severity for subject in ordered for finding in subject.findings]
    counts = Counts(
        packages=sum(subject.kind == "package" for subject in ordered),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        notes=severities.count("note"),
        trials=sum(len(subject.trials) for subject in ordered),
    )
    return Report(level=level, outcome=outcome, subjects=ordered, counts=counts)


def merged_report(reports: Sequence[Report]) -> Report:
    """Return the report of a check that was run in shards; raises UsageError where they are of several checks.

    What several shards looked at (an entry's manifest) is told once, with the trials that one of them ran.
    """
    if len({report.level for report in reports}) != 1:
        raise UsageError("these reports are of several levels: put together those of one check")
    found: dict[tuple[str, str], Subject] = {}
    for subject in (subject for report in reports for subject in report.subjects):
        known = found.get((subject.path, subject.kind))
        if known is None or (subject.trials and not known.trials):
            found[subject.path, subject.kind] = subject
        elif known != subject and subject.trials:
            raise UsageError(f"{subject.path}: two shards say different things about it")
    return build_report(reports[0].level, found.values())
