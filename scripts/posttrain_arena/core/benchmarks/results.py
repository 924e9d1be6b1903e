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
) -> SuiteResult:
    """Return the result on a benchmark; every item has ``card.generation.samples`` completions and scores.

    The standard error is over items, of their means: s / sqrt(n), and 0.0 for a single item.
    """
    ordered = sorted(items, key=lambda item: item.id)
    results = tuple(
        ItemResult(id=item.id, scores=tuple(scores[item.id]), completions=tuple(completions[item.id]))
        for item in ordered
    )
    means = [math.fsum(result.scores) / len(result.scores) for result in results]
    mean = math.fsum(means) / len(means)
    spread = math.fsum((value - mean) ** 2 for value in means)
    error = math.sqrt(spread / (len(means) - 1) / len(means)) if len(means) > 1 else 0.0
    return SuiteResult(
        benchmark=card.name,
        version=card.version,
        split_digest=items_digest(items),
        generation=card.generation,
        score=mean,
        standard_error=error,
        items=results,
    )
