"""Tango's score interval for the difference of paired proportions."""

from __future__ import annotations

import math
from collections.abc import Callable

from posttrain_arena.model.score import Interval


def tango(gained: int, lost: int, *, n: int, level: float) -> Interval:
    """Return the interval of (gained - lost)/n for n pairs of passes and fails, of which so many are unequal.

    The ends are where the score statistic is ± the normal quantile. Source: Tango, "Equivalence test and confidence
    interval for the difference in proportions for the paired-sample design" (Statistics in Medicine 17, 1998).
    """
    from scipy.special import ndtri

    quantile, centre = float(ndtri((1 + level) / 2)), (gained - lost) / n
    low = _bisect(-1.0, centre, lambda delta: score_statistic(gained, lost, n=n, delta=delta) > quantile)
    high = _bisect(1.0, centre, lambda delta: score_statistic(gained, lost, n=n, delta=delta) < -quantile)
    return Interval(low=low, high=high)


def score_statistic(gained: int, lost: int, *, n: int, delta: float) -> float:
    """Return (gained - lost - n·δ) / √(n·(2·q + δ·(1 - δ))), q the likeliest share of lost pairs where δ holds.

    q = (√(B² - 4AC) - B) / 2A with A = 2n, B = -gained - lost + (2n - gained + lost)·δ, C = -lost·δ·(1 - δ).
    """
    a, b = 2 * n, -gained - lost + (2 * n - gained + lost) * delta
    c = -lost * delta * (1 - delta)
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    share = -2 * c / (b + root) if b > 0 else (root - b) / (2 * a)  # the same root, without cancellation
    variance = n * (2 * share + delta * (1 - delta))
    distance = gained - lost - n * delta
    if distance == 0:
        return 0.0
    return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance)


def _bisect(outside: float, inside: float, is_outside: Callable[[float], bool]) -> float:
    """Return where ``is_outside`` turns, to the last float; ``outside`` itself where it holds nowhere."""
    if not is_outside(outside):
        return outside
    while outside < (middle := (outside + inside) / 2) < inside or inside < middle < outside:
        outside, inside = (middle, inside) if is_outside(middle) else (outside, middle)
    return inside
