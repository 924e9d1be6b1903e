"""Put scores of completions together: per item, with the mean and its standard error."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from posttrain_arena.core.benchmarks.contract import items_digest
from posttrain_arena.model.agent_evaluation import ItemResult, SuiteResult
from posttrain_arena.model.benchmark import BenchmarkCard, Item

MAX_LOST_SHARE = 0.02
"""With more answers lost a model was not evaluated, as with trials."""

_LOST = {"template": "its chat template fails", "not-finite": "its numbers are not finite"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model answered; ``lost`` names what of its own kept it from an answer, and is empty where nothing did."""

    text: str
    lost: str


def fault_of(answers: Iterable[Answer]) -> str:
    """Return why a model was not evaluated, empty where it was: no more than MAX_LOST_SHARE of its answers are lost."""
    found = Counter(answer.lost for answer in answers)
    lost = found.total() - found[""]
    if lost <= MAX_LOST_SHARE * found.total():
        return ""
    reasons = ", ".join(_LOST[reason] for reason in sorted(set(found) - {""}))
    return f"the model gave {lost} of {found.total()} answers not at all: {reasons}"


def suite_result(
    card: BenchmarkCard,
    items: Sequence[Item],
    answers: Mapping[str, Sequence[Answer]],
    scores: Mapping[str, Sequence[float]],
    judge: str = "",
) -> SuiteResult:
    """Return the result on a benchmark; every item has ``card.generation.samples`` answers and scores.

    ``judge`` names the model that judged, where one did.
    """
    ordered = sorted(items, key=lambda item: item.id)
    results = tuple(
        ItemResult(
            id=item.id,
            scores=tuple(scores[item.id]),
            completions=tuple(answer.text for answer in answers[item.id]),
            lost=tuple(answer.lost for answer in answers[item.id] if answer.lost),
        )
        for item in ordered
    )
    mean, error = mean_with_error([math.fsum(result.scores) / len(result.scores) for result in results])
    return SuiteResult(
        benchmark=card.name,
        version=card.version,
        split_digest=items_digest(items),
        judge=judge,
        generation=card.generation,
        score=mean,
        standard_error=error,
        items=results,
    )


def mean_with_error(means: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the items' means and its standard error over items: s / sqrt(n), and 0.0 for one item."""
    mean = math.fsum(means) / len(means)
    spread = math.fsum((value - mean) ** 2 for value in means)
    return mean, math.sqrt(spread / (len(means) - 1) / len(means)) if len(means) > 1 else 0.0
