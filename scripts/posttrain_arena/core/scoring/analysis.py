"""The analysis that ``competition.yaml`` fixes, and its digest."""

from __future__ import annotations

import functools

import msgspec

from posttrain_arena.model.competition import AnalysisPlan, Competition
from posttrain_arena.model.documents import REPOSITORY_ROOT, digest, read_document


@functools.cache
def published() -> AnalysisPlan:
    """Return the analysis of ``competition.yaml``: level, method, version and the planned trials stand only there."""
    return read_document(REPOSITORY_ROOT / "competition.yaml", Competition).analysis


def analysis_digest(plan: AnalysisPlan) -> str:
    """Return the digest of the table's canonical JSON: what is published before Phase 1 and stands in every score."""
    return digest(msgspec.to_builtins(plan))


def alpha(plan: AnalysisPlan) -> float:
    """Return the level of the tests, 0.05 where the intervals' is 0.95, without the round-off of 1 - level."""
    return round(1 - plan.level, 12)
