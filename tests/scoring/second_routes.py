"""Slow, plain second routes to the numbers of a score: enumeration and integers, no transform and no float."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from scipy import optimize


def resamples_by_sum(steps: Sequence[int]) -> list[int]:
    """Return how many of the n**n resamples of ``steps`` have each sum, from n·min upward.

    They are the coefficients of (Σ count_v · x**v)**n, read off one power of an integer: x is 256**width, wide enough
    that no coefficient reaches the next.
    """
    n, least = len(steps), min(steps)
    width = (n**n).bit_length() // 8 + 1
    power = sum(256 ** (width * (step - least)) for step in steps) ** n
    size = n * (max(steps) - least) + 1
    data = power.to_bytes(width * size + 1, "little")
    return [int.from_bytes(data[width * place : width * (place + 1)], "little") for place in range(size)]


def ends(steps: Sequence[int], tail: float) -> tuple[int, int]:
    """Return the least sum with P(S ≤ v) ≥ tail and the greatest with P(S ≥ v) ≥ tail, compared as integers."""
    ways, n = resamples_by_sum(steps), len(steps)
    return n * min(steps) + _first(ways, n, tail), n * max(steps) - _first(ways[::-1], n, tail)


def attained(steps: Sequence[int], near: Fraction) -> Fraction:
    """Return the first cumulative probability of the resampled sum from ``near`` on: an exact tie if taken as tail."""
    n = len(steps)
    total = itertools.accumulate(resamples_by_sum(steps))
    return next(Fraction(ways, n**n) for ways in total if Fraction(ways, n**n) >= near)


def _first(ways: Sequence[int], n: int, tail: float) -> int:
    needed = Fraction(tail) * n**n
    return next(place for place, total in enumerate(itertools.accumulate(ways)) if total >= needed)


def sign_flip(steps: Sequence[int]) -> Fraction:
    """Return the two-sided p-value by adding one coin after another."""
    ways = {0: 1}
    for step in steps:
        after: dict[int, int] = {}
        for total, count in ways.items():
            for flipped in (total + step, total - step):
                after[flipped] = after.get(flipped, 0) + count
        ways = after
    extreme = sum(count for total, count in ways.items() if abs(total) >= abs(sum(steps)))
    return Fraction(extreme, 2 ** len(steps))


def tango(gained: int, lost: int, n: int, quantile: float) -> tuple[float, float]:
    """Return the ends as roots of the score statistic whose nuisance share is found by maximising the likelihood."""

    def statistic(delta: float) -> float:
        share = _likeliest(gained, lost, n, delta)
        return (gained - lost - n * delta) / math.sqrt(n * (2 * share + delta * (1 - delta)))

    centre = (gained - lost) / n
    low = optimize.brentq(lambda delta: statistic(delta) - quantile, -1 + 1e-4, centre - 1e-9, xtol=1e-13)
    high = optimize.brentq(lambda delta: statistic(delta) + quantile, centre + 1e-9, 1 - 1e-4, xtol=1e-13)
    return low, high


def _likeliest(gained: int, lost: int, n: int, delta: float) -> float:
    """Return the share q of lost pairs with the greatest likelihood, where the share of gained ones is q + delta."""
    low, high = max(0.0, -delta), (1 - delta) / 2

    def slope(share: float) -> float:
        return gained / (share + delta) + lost / share - 2 * (n - gained - lost) / (1 - 2 * share - delta)

    inside = 1e-9 * (high - low)
    if slope(low + inside) <= 0:
        return low
    return high if slope(high - inside) >= 0 else optimize.brentq(slope, low + inside, high - inside, xtol=1e-16)


def random_steps(chance: random.Random, n: int, *, k: int, k_b: int) -> list[int]:
    """Return paired differences of random tasks in steps of 1/lcm(k, k_b)."""
    grid, rate = math.lcm(k, k_b), chance.choice([0.02, 0.2, 0.5, 0.9])
    passes = [[sum(chance.random() < rate for _ in range(trials)) for trials in (k, k_b)] for _ in range(n)]
    return [ours * grid // k - theirs * grid // k_b for ours, theirs in passes]


def as_row(steps: Sequence[int]) -> np.ndarray:
    """Return ``steps`` as the batch of one that the vectorised functions take."""
    return np.array([steps], dtype=np.int64)
