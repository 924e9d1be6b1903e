"""Refuse a run that was measured with something else than the scores beside which it would stand."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import SuiteResult
from posttrain_arena.model.agents_references import AgentsReferences, HiddenSplit
from posttrain_arena.model.agents_result import AgentsResult


def split_of(found: SuiteResult, seed: int) -> HiddenSplit:
    """Return what a result was measured on; ``seed`` is that of its evaluation."""
    return HiddenSplit(version=found.version, digest=found.split_digest, seed=seed, judge=found.judge)


def require_comparable(result: AgentsResult, references: AgentsReferences) -> None:
    """Raise UsageError where a run had another budget, base model or hidden split than the references.

    Without an evaluation there is no split to compare: such a run counts with the base model's score.
    """
    for what, own, wanted in _measured(result, references):
        if wanted is None:
            raise UsageError(
                f"{result.id}: the references have no {what} to hold a run against: "
                "write them with `arena leaderboard add-references`"
            )
        if own != wanted:
            raise UsageError(
                f"{result.id}: {what}: {own}, in the references {wanted}: scores measured with something else "
                "are not compared: withdraw the run, or keep it on another leaderboard"
            )


def _measured(result: AgentsResult, references: AgentsReferences) -> Iterator[tuple[str, object, object]]:
    """Yield what was measured with: its name, the run's, the references'."""
    yield "budget_sec", result.budget_sec, references.budget_sec
    yield f"digest of {result.base_model}", result.base_digest, references.base_models.get(result.base_model)
    own, wanted = result.split, references.splits.get(result.benchmark)
    if own is None:
        return
    if wanted is None:
        yield f"split of {result.benchmark}", own, None
        return
    for field in ("version", "digest", "seed", "judge"):
        yield f"split of {result.benchmark} ({field})", getattr(own, field), getattr(wanted, field)
