"""Weigh benchmarks by how far the official instruct models got on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from posttrain_arena.errors import UsageError

Scores = Mapping[str, Mapping[str, float]]
"""Model → benchmark → score in [0, 1]."""


def weights(base: Scores, instruct: Scores, benchmarks: Sequence[str]) -> dict[str, float]:
    """Return w_b ∝ 1 / (instruct_b - base_b), which sum to 1.

    Both are plain means over all their models. Raises UsageError where a score is missing or is no fraction, and where
    the instruct models are no better than the base models: such a benchmark has no weight.
    """
    return of_gaps({name: _gap(base, instruct, name) for name in benchmarks})


def of_gaps(gaps: Mapping[str, float]) -> dict[str, float]:
    """Return weights in inverse proportion to ``gaps`` above 0, which sum to 1."""
    inverse = {name: 1 / gap for name, gap in gaps.items()}
    total = math.fsum(inverse.values())
    return {name: value / total for name, value in inverse.items()}


def mean_of(scores: Scores, benchmark: str, *, what: str) -> float:
    """Return the mean over the models; raises UsageError for a cell that is missing or is no fraction of 1."""
    if not scores:
        raise UsageError(f"no {what} scores: give at least one model")
    for model, row in scores.items():
        value = row.get(benchmark)
        if value is None or not 0 <= value <= 1:
            wrong = "is missing" if value is None else f"is {value}"
            raise UsageError(f"{what} score of {model} on {benchmark} {wrong}: give a fraction between 0 and 1")
    return fmean(row[benchmark] for row in scores.values())


def _gap(base: Scores, instruct: Scores, benchmark: str) -> float:
    gap = mean_of(instruct, benchmark, what="instruct") - mean_of(base, benchmark, what="base")
    if gap <= 0:
        raise UsageError(
            f"{benchmark}: the instruct models are no better than the base models: leave the benchmark out"
        )
    return gap
