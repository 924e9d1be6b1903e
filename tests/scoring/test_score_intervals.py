"""The intervals agree with second routes: direct convolution, brute force, SciPy."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from posttrain_arena.core.scoring import intervals
from posttrain_arena.core.scoring.grid import MAX_GRID
from posttrain_arena.core.scoring.resampling import sum_chances

LEVEL = 0.95


def _ends(distribution: dict[Fraction, Fraction | float], tail: float) -> tuple[float, float]:
    """Return the least value with P(S <= v) >= tail, and the greatest with P(S >= v) >= tail."""
    values = sorted(distribution)
    rising = itertools.accumulate(distribution[value] for value in values)
    falling = itertools.accumulate(distribution[value] for value in reversed(values))
    low = next(value for value, mass in zip(values, rising, strict=True) if mass >= tail)
    high = next(value for value, mass in zip(reversed(values), falling, strict=True) if mass >= tail)
    return float(low), float(high)


def _enumerated(differences: list[Fraction]) -> dict[Fraction, Fraction]:
    """Return the distribution of the resampled mean over all n**n resamples."""
    n = len(differences)
    found: dict[Fraction, Fraction] = {}
    for resample in itertools.product(differences, repeat=n):
        mean = sum(resample, Fraction()) / n
        found[mean] = found.get(mean, Fraction()) + Fraction(1, n**n)
    return found


def _convolved(differences: list[Fraction]) -> dict[Fraction, float]:
    """Return the same distribution by adding one draw after another on a dict of fractions."""
    n = len(differences)
    total: dict[Fraction, float] = {Fraction(): 1.0}
    for _ in range(n):
        after: dict[Fraction, float] = {}
        for value, mass in total.items():
            for step in differences:
                after[value + step] = after.get(value + step, 0.0) + mass / n
        total = after
    return {value / n: mass for value, mass in total.items()}


def _differences(seed: int, n: int, *, k: int, k_b: int) -> list[Fraction]:
    chance = random.Random(seed)
    return [Fraction(chance.randint(0, k), k) - Fraction(chance.randint(0, k_b), k_b) for _ in range(n)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [2, 3, 5])
def test_bootstrap_equals_the_enumeration_of_every_resample(n: int, seed: int) -> None:
    differences = _differences(seed, n, k=2, k_b=4)
    interval, found = intervals.bootstrap(differences, level=LEVEL)
    assert found.exact
    assert (interval.low, interval.high) == pytest.approx(
        _ends(_enumerated(differences), intervals.tail_level(n, level=LEVEL)), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("n", "k", "k_b"), [(14, 1, 1), (20, 4, 16), (30, 3, 5)])
def test_bootstrap_equals_a_direct_convolution(n: int, k: int, k_b: int, seed: int) -> None:
    differences = _differences(seed, n, k=k, k_b=k_b)
    interval, _ = intervals.bootstrap(differences, level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx(
        _ends(_convolved(differences), intervals.tail_level(n, level=LEVEL)), abs=1e-12
    )


def test_fft_gives_the_probabilities_of_repeated_convolution() -> None:
    places = [0] * 2 + [2] * 5 + [3] * 8 + [4] * 5
    direct = pmf = np.bincount(places) / 20
    for _ in range(19):
        direct = np.convolve(direct, pmf)
    chances, first = sum_chances(np.array([places]))
    padded = {int(first[0]) + place: chance for place, chance in enumerate(chances[0])}
    assert [padded.pop(total, 0.0) for total in range(len(direct))] == pytest.approx(direct, abs=1e-14)
    assert list(padded.values()) == pytest.approx([0.0] * len(padded), abs=1e-14)


def test_tail_level_at_one_hundred_tasks_is_the_published_one() -> None:
    assert intervals.tail_level(100, level=LEVEL) == pytest.approx(0.02306, abs=5e-6)
    assert intervals.tail_level(100, level=LEVEL) == pytest.approx(
        stats.norm.cdf(-math.sqrt(100 / 99) * stats.t.ppf(0.975, 99)), abs=1e-12
    )


def test_the_published_8_to_11_of_14_touches_zero_and_the_expansion_widens_it() -> None:
    differences = [Fraction(1)] * 3 + [Fraction(0)] * 11
    assert _ends(_convolved(differences), 0.025) == pytest.approx((0, 6 / 14), abs=1e-12)
    interval, _ = intervals.bootstrap(differences, level=LEVEL)
    gained = stats.binom(14, 3 / 14)
    assert (interval.low, interval.high) == pytest.approx((0, 7 / 14), abs=1e-12)
    assert gained.sf(7) < intervals.tail_level(14, level=LEVEL) <= gained.sf(6)


def test_constant_differences_give_a_point() -> None:
    interval, found = intervals.bootstrap([Fraction(1, 4)] * 7, level=LEVEL)
    assert (interval.low, interval.high, found.grid, found.exact) == (0.25, 0.25, 4, True)


def test_rewards_off_any_coarse_grid_are_rounded_and_said_so() -> None:
    chance = random.Random(3)
    differences = [Fraction(chance.random()) - Fraction(chance.random()) for _ in range(30)]
    interval, found = intervals.bootstrap(differences, level=LEVEL)
    assert (found.grid, found.exact) == (MAX_GRID, False)
    draws = np.random.default_rng(0).choice([float(value) for value in differences], size=(200_000, 30)).mean(axis=1)
    tail = intervals.tail_level(30, level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(draws, [tail, 1 - tail])), abs=0.004)


@pytest.mark.parametrize("seed", range(5))
def test_t_interval_equals_scipys_paired_t(seed: int) -> None:
    chance = np.random.default_rng(seed)
    ours, theirs = chance.random(24), chance.random(24)
    expected = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    interval = intervals.student((ours - theirs).tolist(), level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert intervals.standard_error((ours - theirs).tolist()) == pytest.approx(stats.sem(ours - theirs), abs=1e-12)


def test_small_set_interval_is_the_t_of_the_padded_set() -> None:
    values = [0.5, 0.25, 0.0, 0.0, 1.0]
    padded = [*values, 0.5, -0.5]
    expected = stats.ttest_1samp(padded, 0).confidence_interval(0.95)
    interval = intervals.small_set(values, k=4, k_b=16, level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("n", [2, 8, 100])
@pytest.mark.parametrize("k", [1, 4, 16])
def test_small_set_rate_holds_the_rate_and_stays_a_rate(n: int, k: int, rate: float) -> None:
    interval = intervals.small_set_rate([rate] * n, k, level=LEVEL)
    assert interval is not None
    assert 0.0 <= interval.low <= rate <= interval.high <= 1.0
    assert interval.low < interval.high
