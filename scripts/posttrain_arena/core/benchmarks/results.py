"""Put scores of completions together: per item, with the mean and its standard error."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posttrain_arena.core.benchmarks.contract import Lost, items_digest
from posttrain_arena.model.agent_evaluation import ItemResult, SuiteResult
from posttrain_arena.model.benchmark import BenchmarkCard, Item

MAX_LOST_SHARE = 0.02
"""With more answers lost a model was not evaluated, as with trials."""

_LOST = {
    "template": "its chat template fails",
    "not-finite": "its numbers are not finite",
    "judge-refused": "the model that judges refuses them",
    "judge-no-verdict": "the model that judges gives no verdict",
    "judge-no-answer": "the model that judges does not answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model answered; ``lost`` names what of its own kept it from an answer, and is empty where nothing did."""

    text: str
    lost: str


def fault_of(lost: Mapping[str, int], answers: int) -> str:
    """Return why a model was not evaluated, empty where no more than MAX_LOST_SHARE of its answers are lost.

    ``lost`` counts them by reason.
    """
    count = sum(lost.values())
    if count <= MAX_LOST_SHARE * answers:
        return ""
    return f"{count} of {answers} answers are lost: {', '.join(_LOST[reason] for reason in sorted(lost))}"


def suite_result(
    card: BenchmarkCard,
    items: Sequence[Item],
    answers: Mapping[str, Sequence[Answer]],
    scores: Mapping[str, Sequence[float | Lost]],
    judge: str = "",
) -> SuiteResult:
    """Return the result on a benchmark; every item has ``card.generation.samples`` answers and scores.

    What is lost counts 0.0, the least there is: nobody gains by an answer that no judge wants to look at. ``judge``
    names the model that judged, where one did.
    """
    ordered = sorted(items, key=lambda item: item.id)
    results = tuple(
        ItemResult(
            id=item.id,
            scores=tuple(0.0 if isinstance(one, Lost) else one for one in scores[item.id]),
            completions=tuple(answer.text for answer in answers[item.id]),
            lost=tuple(one.why for one in scores[item.id] if isinstance(one, Lost)),
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
        lost=dict(sorted(Counter(why for result in results for why in result.lost).items())),
        items=results,
    )


def mean_with_error(means: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the items' means and its standard error over items: s / sqrt(n), and 0.0 for one item."""
    mean = math.fsum(means) / len(means)
    spread = math.fsum((value - mean) ** 2 for value in means)
    return mean, math.sqrt(spread / (len(means) - 1) / len(means)) if len(means) > 1 else 0.0
