"""Put scores of completions together: per item, with the mean and its standard error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from posttrain_arena.core.benchmarks.contract import items_digest
from posttrain_arena.model.agent_evaluation import ItemResult, SuiteResult
from posttrain_arena.model.benchmark import BenchmarkCard, Item


def suite_result(
    card: BenchmarkCard,
    items: Sequence[Item],
    completions: Mapping[str, Sequence[str]],
    scores: Mapping[str, Sequence[float]],
    judge: str = "",
) -> SuiteResult:
    """Return the result on a benchmark; every item has ``card.generation.samples`` completions and scores.

    ``judge`` names the model that judged, where one did.
    """
    ordered = sorted(items, key=lambda item: item.id)
    results = tuple(
        ItemResult(id=item.id, scores=tuple(scores[item.id]), completions=tuple(completions[item.id]))
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
