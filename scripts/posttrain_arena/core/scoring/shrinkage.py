"""Empirical-Bayes shrinkage of the lifts of one board."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunken:
    """The shrunken ``deltas`` in the order given, and the field they were drawn to: its mean and variance (τ²)."""

    deltas: tuple[float, ...]
    mean: float
    variance: float


def shrink(deltas: Sequence[float], errors: Sequence[float]) -> Shrunken:
    """Return μ + τ²/(τ² + SE²)·(Δ - μ) for every entry, under Δ ~ N(θ, SE²) and θ ~ N(μ, τ²).

    τ² is the estimate of DerSimonian and Laird, "Meta-analysis in clinical trials" (Controlled Clinical Trials 7,
    1986): max(0, (Q - (J - 1)) / (Σw - Σw²/Σw)) with w = 1/SE² and Q = Σw·(Δ - Σw·Δ/Σw)²; μ is the mean weighted by
    1/(SE² + τ²). Every error must be positive. A single entry has no field and keeps its lift.
    """
    variance = _between([1 / error**2 for error in errors], deltas)
    mean = _mean([1 / (error**2 + variance) for error in errors], deltas)
    shares = [variance / (variance + error**2) if len(deltas) > 1 else 1.0 for error in errors]
    shrunken = tuple(mean + share * (delta - mean) for share, delta in zip(shares, deltas, strict=True))
    return Shrunken(deltas=shrunken, mean=mean, variance=variance)


def _between(weights: Sequence[float], deltas: Sequence[float]) -> float:
    if len(deltas) < 2:
        return 0.0
    mean, total = _mean(weights, deltas), math.fsum(weights)
    excess = math.fsum(weight * (delta - mean) ** 2 for weight, delta in zip(weights, deltas, strict=True))
    scale = total - math.fsum(weight**2 for weight in weights) / total
    return max(0.0, (excess - (len(deltas) - 1)) / scale)


def _mean(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(weight * value for weight, value in zip(weights, values, strict=True)) / math.fsum(weights)
