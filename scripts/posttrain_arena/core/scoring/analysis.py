"""The analysis that ``competition.yaml`` fixes, and its digest."""

from __future__ import annotations

import functools

import msgspec

from posttrain_arena.errors import UsageError
from posttrain_arena.model.competition import AnalysisPlan, Competition
from posttrain_arena.model.documents import REPOSITORY_ROOT, digest, read_document

COMPUTED = ("exact-paired-task-bootstrap", "pta-score-1")
"""The method and the version of its definition that this code computes."""


def settled(plan: AnalysisPlan | None) -> AnalysisPlan:
    """Return ``plan``, or competition.yaml's; raises UsageError where it names an analysis that is not this code's."""
    plan = plan or published()
    if (plan.method, plan.version) != COMPUTED:
        raise UsageError(
            f"the analysis is {plan.method} {plan.version}, and this code computes {' '.join(COMPUTED)}: "
            "set both in competition.yaml, or take the code that belongs to it"
        )
    return plan


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
