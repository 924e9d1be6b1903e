"""Put an audit together from what every detector says."""

from __future__ import annotations

from collections.abc import Mapping

from posttrain_arena.core.audit.detectors import DETECTORS, Detector, Found
from posttrain_arena.core.audit.facts import Facts
from posttrain_arena.model.audit import Audit, DetectorReport, JudgeReport, Status

MAX_FLAGS = 50


def audit(facts: Facts, judge: JudgeReport, digests: Mapping[str, str]) -> Audit:
    """Return the audit; ``judge`` stands beside it and changes nothing in it.

    ``digests`` has those of the bytes of run.json and, where there is one, of evaluation.json, by ``run`` and
    ``evaluation``.
    """
    found = Found(facts)
    reports = tuple(_report(detector, facts, found) for detector in DETECTORS)
    return Audit(
        run=facts.run.id,
        run_digest=digests["run"],
        evaluation_digest=digests.get("evaluation"),
        verdict=_verdict(reports),
        not_judged=tuple(report.id for report in reports if report.status == "not-judged"),
        detectors=reports,
        judge=judge,
    )


def _report(detector: Detector, facts: Facts, found: Found) -> DetectorReport:
    outcome = detector.look(facts, found)
    return DetectorReport(
        id=detector.id,
        what=detector.what,
        error_rate=detector.error_rate,
        status=outcome.status,
        why="" if outcome.flags else outcome.why,
        found=len(outcome.flags),
        flags=outcome.flags[:MAX_FLAGS],
        notes=(*outcome.notes, *((outcome.why,) if outcome.flags and outcome.why else ())),
    )


def _verdict(reports: tuple[DetectorReport, ...]) -> Status:
    """Return ``flagged`` where one flagged, ``not-judged`` where none could judge."""
    statuses = {report.status for report in reports}
    return "flagged" if "flagged" in statuses else "not-flagged" if "not-flagged" in statuses else "not-judged"
