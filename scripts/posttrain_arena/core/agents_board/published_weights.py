"""Weigh the benchmarks of published tables, also where a score is missing or a gap is none."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from posttrain_arena.core.agents_board.published_references import References
from posttrain_arena.core.agents_board.weights import of_gaps
from posttrain_arena.errors import UsageError

ROUNDING = 1e-3
"""How far given weights may sum up to another number than 1: they may be rounded, and count as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Benchmark → weight, and in words where these do not rest on every score of every model."""

    weights: Mapping[str, float]
    notes: tuple[str, ...] = ()


def weigh(found: References) -> Weighing:
    """Return w_b ∝ 1 / (instruct_b - base_b), which sum to 1; each mean goes over the models that have a score.

    A benchmark on which the instruct models are no better than the base models weighs 0, since the formula gives it no
    weight above 0. Raises UsageError where no instruct model has a score, and where nothing would weigh.
    """
    notes, gaps = [], {}
    if len(found.instruct) != len(found.base):
        notes.append(f"{len(found.instruct)} instruct and {len(found.base)} base models: each mean goes over its own")
    for name in found.benchmarks:
        scores = [row[name] for row in found.instruct.values() if name in row]
        if not scores:
            raise UsageError(
                f"{name}: no instruct model has a score, so it has no weight: add one to the baselines, or give the "
                "weights with --weights FILE"
            )
        if lacking := [model for model, row in found.instruct.items() if name not in row]:
            notes.append(f"{name}: no instruct score of {', '.join(lacking)}: the mean goes over the other models")
        base, instruct = fmean(row[name] for row in found.base.values()), fmean(scores)
        if instruct > base:
            gaps[name] = instruct - base
        else:
            notes.append(f"{name}: weighs 0: instruct models {instruct:.6g}, no better than base models {base:.6g}")
    if not gaps:
        raise UsageError("no benchmark weighs: the instruct models are no better than the base models on any of them")
    return Weighing(weights=dict.fromkeys(found.benchmarks, 0.0) | of_gaps(gaps), notes=tuple(notes))


def read_weights(text: str, benchmarks: Sequence[str], *, where: str) -> Weighing:
    """Read weights of another rule from a JSON object; a benchmark that it leaves out weighs 0.

    Raises UsageError for a benchmark that is not there, what is no number from 0 to 1, and a sum that is not 1.
    """
    given = read_factors(text, where=where)
    if unknown := sorted(set(given) - set(benchmarks)):
        raise UsageError(f"{where}: {', '.join(unknown)}: no such benchmark in the baselines: take out the weight")
    if abs(math.fsum(given.values()) - 1) > ROUNDING:
        total = math.fsum(given.values())
        raise UsageError(f"{where}: the weights sum to {total:.6g}: divide each by that, so that they sum to 1")
    left_out = [name for name in benchmarks if name not in given]
    return Weighing(
        weights={name: given.get(name, 0.0) for name in benchmarks},
        notes=tuple(f"{name}: weighs 0: not in {where}" for name in left_out),
    )


def read_factors(text: str, *, where: str) -> dict[str, float]:
    """Read a JSON object of benchmark → weight; raises UsageError for anything else."""
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}:{error.lineno}: no JSON: {error.msg}") from error
    if not isinstance(given, dict) or not given:
        raise UsageError(f'{where}: write {{"BENCHMARK": WEIGHT, …}}')
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise UsageError(f"{where}: {name}: {value!r}: write a number from 0 to 1")
    return {name: float(value) for name, value in given.items()}
