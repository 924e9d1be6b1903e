"""Put the references of a board together from evaluations of base models, instruct models and few-shot prompting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from posttrain_arena.core.agents_board.board import Standard
from posttrain_arena.core.agents_board.comparable import split_of
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agent_evaluation import AgentEvaluation, EvaluatedReference
from posttrain_arena.model.agents_references import AgentsReferences, HiddenSplit, ReferenceScore


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An evaluation of a reference: where it lies, the digest of its bytes, and what it says."""

    where: str
    digest: str
    evaluation: AgentEvaluation


def references_of(found: Sequence[Measured], budget_sec: float) -> AgentsReferences:
    """Return the references of a board of runs with this budget; columns and rows in the order of the evaluations.

    Raises UsageError for an evaluation of a run, for two that were not measured alike, and where a score is missing.
    """
    base_models: dict[str, str] = {}
    splits: dict[str, HiddenSplit] = {}
    scores: list[ReferenceScore] = []
    for one in found:
        evaluation, reference = one.evaluation, _reference(one)
        if base_models.setdefault(reference.base_model, evaluation.base_model) != evaluation.base_model:
            raise _unlike(one, f"the files of {reference.base_model}")
        for suite in (evaluation.hidden, *evaluation.regression):
            split = split_of(suite, evaluation.seed)
            if splits.setdefault(suite.benchmark, split) != split:
                raise _unlike(one, f"version, hidden items, seed or judge of {suite.benchmark}")
        scores.extend(_scores(one, reference))
    references = AgentsReferences(budget_sec=budget_sec, base_models=base_models, splits=splits, scores=tuple(scores))
    Standard(references)
    return references


def _reference(one: Measured) -> EvaluatedReference:
    if one.evaluation.reference is None:
        raise UsageError(f"{one.where}: is of a run: name what `arena agents reference` wrote")
    if one.evaluation.fallback:
        raise UsageError(f"{one.where}: the model was not evaluated: {one.evaluation.fallback}")
    return one.evaluation.reference


def _unlike(one: Measured, what: str) -> UsageError:
    return UsageError(f"{one.where}: {what}: not those of the evaluations before it: measure all references alike")


def _scores(one: Measured, reference: EvaluatedReference) -> Iterator[ReferenceScore]:
    for suite in (one.evaluation.hidden, *one.evaluation.regression):
        yield ReferenceScore(
            kind=reference.kind,
            model=reference.model,
            base_model=reference.base_model,
            benchmark=suite.benchmark,
            score=suite.score,
            standard_error=suite.standard_error,
            items=len(suite.items),
            evaluation=one.digest,
        )
