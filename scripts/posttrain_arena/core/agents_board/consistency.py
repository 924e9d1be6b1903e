"""Find what a published run of an agent says against itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from posttrain_arena.core.agents_board.results import id_end
from posttrain_arena.model.agents_result import AgentsResult, ResultAudit
from posttrain_arena.model.documents import said_digest

TOLERANCE = 1e-9

MeanWithError = Callable[[Sequence[float]], tuple[float, float]]
"""The scores of the items → their mean and its standard error."""


def result_faults(result: AgentsResult, mean_with_error: MeanWithError) -> list[str]:
    """Return one line per field that its own scores, audit and sources contradict, else one if the digest is another.

    What a run says of the documents that it was made of can be held against their digests alone.
    """
    faults = [
        *_score_faults(result, mean_with_error),
        *_audit_faults(result.audit),
        *_reason_faults(result),
        *_source_faults(result),
    ]
    found = said_digest(result)
    if not faults and result.digest != found:
        faults.append(f"digest: the file says {result.digest}, and what it says has {found}")
    return faults


def _score_faults(result: AgentsResult, mean_with_error: MeanWithError) -> Iterator[str]:
    raw, error = mean_with_error(result.scores) if result.scores else (None, None)
    for field, said, found in (("raw", result.raw, raw), ("standard_error", result.standard_error, error)):
        if said is None or found is None:
            same = said is found
        else:
            same = math.isclose(said, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        if not same:
            yield f"{field}: the file says {said}, recomputing gives {found}"


def _audit_faults(audit: ResultAudit) -> Iterator[str]:
    if (audit.verdict == "flagged") != (audit.found > 0):
        yield f"audit/verdict: says {audit.verdict}, with {audit.found} pieces of evidence"
    if len(audit.flags) > audit.found or bool(audit.flags) != bool(audit.found):
        yield f"audit/found: says {audit.found}, and {len(audit.flags)} pieces of evidence are shown"
    if both := sorted({flag.detector for flag in audit.flags} & set(audit.not_judged)):
        yield f"audit/not_judged: names {', '.join(map(ascii, both))}, of which there is evidence"
    if audit.verdict == "not-judged" and not audit.not_judged:
        yield "audit/verdict: says not-judged, and names no detector that did not judge"


def _reason_faults(result: AgentsResult) -> Iterator[str]:
    reasons, why = _expected(result)
    if result.reason not in reasons:
        wanted = " or ".join(str(reason) for reason in reasons)
        yield f"reason: says {result.reason}, and the score, the audit and the sources give {wanted}"
    elif why is not None and result.why != why:
        yield f"why: says {result.why[:80]!a}, and the audit gives {why!a}"


def _expected(result: AgentsResult) -> tuple[tuple[str | None, ...], str | None]:
    """Return the reasons that there can be, and the one ``why`` where the audit says it."""
    if result.raw is None:
        return ("model-not-submitted", "evaluation-failed"), None
    if result.audit.verdict == "flagged":
        return ("audit-flagged",), ", ".join(dict.fromkeys(flag.detector for flag in result.audit.flags))
    return (None,), ""


def _source_faults(result: AgentsResult) -> Iterator[str]:
    needed = ("run", "audit") if result.raw is None else ("run", "evaluation", "audit")
    if missing := [name for name in needed if name not in result.sources]:
        yield f"sources: the digest of {', '.join(missing)} is missing"
    elif ("evaluation" in result.sources) != (result.split is not None):
        yield "split: stands there exactly where there is an evaluation"
    elif not result.id.endswith(f"-{id_end(result.sources['run'])}"):
        yield f"id: the file says {result.id!r}: it ends in the first digits of the digest of its run"
