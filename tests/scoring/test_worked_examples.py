"""Worked examples: the numbers of one score by a second route (paper, enumeration, SciPy, statsmodels), to 1e-9."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
import second_routes
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import DescrStatsW

from posttrain_arena.core.scoring import intervals
from posttrain_arena.core.scoring.resampling import resampled_ends
from posttrain_arena.core.scoring.significance import sign_flip, t_p_values, t_statistics
from posttrain_arena.core.scoring.tango import score_statistic, tango

LEVEL = 0.95
CLOSE = 1e-9
Z = stats.norm.ppf(0.975)


# The exact bootstrap


def test_bootstrap_of_five_tasks_on_paper() -> None:
    """d = 1, 1, 0, 0, 0: five draws of a coin with p = 2/5.

    P(S = 0) = (3/5)^5 = 0.07776, more than the tail Φ(-√(5/4)·2.776) = 0.00095: the lower end is 0. P(S = 5) = (2/5)^5
    = 0.01024 is more too: the upper end is 1. At a tail of 0.05 it would be 4/5, since P(S ≥ 4) = 0.08704.
    """
    interval, found = intervals.bootstrap([Fraction(1)] * 2 + [Fraction(0)] * 3, level=LEVEL)
    assert intervals.tail_level(5, level=LEVEL) == pytest.approx(stats.norm.cdf(-math.sqrt(5 / 4) * 2.7764451051977987))
    assert (interval.low, interval.high, found.grid) == (0.0, 1.0, 1)
    assert [int(end[0]) for end in resampled_ends(found.row, 0.05)] == [0, 4]


def test_bootstrap_of_8_to_11_of_14_is_a_binomial() -> None:
    """Three gains in fourteen tasks: S is binomial(14, 3/14), and the tail of n = 14 takes the upper end to 7."""
    interval, _ = intervals.bootstrap([Fraction(1)] * 3 + [Fraction(0)] * 11, level=LEVEL)
    gains = stats.binom(14, 3 / 14)
    tail = stats.norm.cdf(-math.sqrt(14 / 13) * stats.t.ppf(0.975, 13))
    assert (interval.low, interval.high) == (gains.ppf(tail) / 14, gains.isf(tail) / 14) == (0.0, 0.5)


@pytest.mark.parametrize("seed", range(4))
def test_bootstrap_is_the_enumeration_of_all_resamples(seed: int) -> None:
    steps = second_routes.random_steps(random.Random(seed), 6, k=2, k_b=4)
    sums = np.sort([sum(resample) for resample in itertools.product(steps, repeat=6)])
    place = math.ceil(Fraction(intervals.tail_level(6, level=LEVEL)) * 6**6) - 1
    interval, _ = intervals.bootstrap([Fraction(step, 4) for step in steps], level=LEVEL)
    assert (interval.low, interval.high) == (sums[place] / 24, sums[-1 - place] / 24)


@pytest.mark.parametrize("n", [2, 14, 20, 100, 200])
def test_tail_level_is_that_of_scipys_distributions(n: int) -> None:
    expected = stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1))
    assert intervals.tail_level(n, level=LEVEL) == pytest.approx(expected, rel=CLOSE)


# The paired t and small sets


def test_paired_t_on_paper() -> None:
    """d = 0.5, 0.25, 0, 0.25: mean 0.25, Σ(d - mean)² = 0.125, SE = √(0.125/3/4), t = √6, 3 degrees of freedom."""
    values = [0.5, 0.25, 0.0, 0.25]
    error = math.sqrt(0.125 / 12)
    interval = intervals.student(values, level=LEVEL)
    assert intervals.standard_error(values) == pytest.approx(error, abs=CLOSE)
    assert t_statistics(np.array([values]))[0] == pytest.approx(math.sqrt(6), abs=CLOSE)
    assert (interval.low, interval.high) == pytest.approx(
        (0.25 - 3.182446305284263 * error, 0.25 + 3.182446305284263 * error), abs=CLOSE
    )


@pytest.mark.parametrize("n", [2, 5, 20, 100])
def test_paired_t_is_scipys_and_statsmodels(n: int) -> None:
    chance = np.random.default_rng(n)
    ours, theirs = chance.integers(0, 5, n) / 4, chance.integers(0, 17, n) / 16
    values = ours - theirs
    interval, other = intervals.student(values.tolist(), level=LEVEL), DescrStatsW(values)
    assert (interval.low, interval.high) == pytest.approx(other.tconfint_mean(), abs=CLOSE)
    assert t_p_values(values[None])[0] == pytest.approx(stats.ttest_rel(ours, theirs).pvalue, abs=CLOSE)
    assert t_p_values(values[None])[0] == pytest.approx(other.ttest_mean()[1], abs=CLOSE)


def test_small_set_of_graded_tasks_on_paper() -> None:
    """d = 0.5, 0 at k = 4 and the pseudo-tasks ±0.5: mean 0.125, Σ(d - mean)² = 0.6875, 3 degrees of freedom."""
    interval = intervals.small_set([0.5, 0.0], k=4, k_b=16, level=LEVEL)
    reach = 3.182446305284263 * math.sqrt(0.6875 / 12)
    assert (interval.low, interval.high) == pytest.approx((0.125 - reach, 0.125 + reach), abs=CLOSE)


def test_tango_without_a_changed_pair_on_paper() -> None:
    """With no changed pair the statistic is -√(n·δ/(1 - δ)): the ends are ± z²/(n + z²)."""
    interval = tango(0, 0, n=30, level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx((-(Z**2) / (30 + Z**2), Z**2 / (30 + Z**2)), abs=CLOSE)


def test_tango_with_only_gains_on_paper() -> None:
    """All n pairs gained: q is (1 - δ)/2, the statistic √(n·(1 - δ)/(1 + δ)): the lower end is (n - z²)/(n + z²)."""
    interval = tango(14, 0, n=14, level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx(((14 - Z**2) / (14 + Z**2), 1.0), abs=CLOSE)


def test_tango_of_published_data() -> None:
    """Airway hyper-responsiveness before and after a transplant: 1 and 7 unequal of 21 pairs, [-0.517, -0.026].

    Fagerland, Lydersen and Laake, "Recommended tests and confidence intervals for paired binomial proportions"
    (Statistics in Medicine 33, 2014).
    """
    interval = tango(1, 7, n=21, level=LEVEL)
    assert (round(interval.low, 3), round(interval.high, 3)) == (-0.517, -0.026)


@pytest.mark.parametrize(
    ("gained", "lost", "n"), [(1, 7, 21), (12, 2, 50), (5, 5, 10), (3, 0, 14), (0, 1, 44), (9, 4, 100)]
)
def test_tango_is_the_root_of_the_profile_likelihood(gained: int, lost: int, n: int) -> None:
    interval = tango(gained, lost, n=n, level=LEVEL)
    assert (interval.low, interval.high) == pytest.approx(second_routes.tango(gained, lost, n, Z), abs=CLOSE)
    for end, quantile in ((interval.low, Z), (interval.high, -Z)):
        assert score_statistic(gained, lost, n=n, delta=end) == pytest.approx(quantile, abs=1e-7)


def test_tango_changes_sign_with_the_sides() -> None:
    for gained, lost in itertools.product(range(6), range(6)):
        forward, backward = tango(gained, lost, n=12, level=LEVEL), tango(lost, gained, n=12, level=LEVEL)
        assert (forward.low, forward.high) == pytest.approx((-backward.high, -backward.low), abs=CLOSE)
        assert -1 <= forward.low <= (gained - lost) / 12 <= forward.high <= 1


def test_small_sets_take_tango_at_one_trial_a_side_only() -> None:
    values = [1.0, 0.0, -1.0, 1.0]
    assert intervals.small_set(values, k=1, k_b=1, level=LEVEL) == tango(2, 1, n=4, level=LEVEL)
    padded = intervals.student([*values, 1.0, -1.0], level=LEVEL)
    assert intervals.small_set(values, k=1, k_b=16, level=LEVEL) == padded
    assert intervals.small_set([0.5, *values], k=1, k_b=1, level=LEVEL) != tango(2, 1, n=5, level=LEVEL)


# The sign-flip test


def test_sign_flip_on_paper() -> None:
    """d = 3, 1, 1, -1 steps: the sum is 4. Of 16 sign patterns 6, 4, 4, 4 and their mirrors reach it: 8/16."""
    assert sign_flip(second_routes.as_row([3, 1, 1, -1]))[0] == pytest.approx(0.5, abs=CLOSE)


@pytest.mark.parametrize(("gained", "lost"), [(3, 0), (8, 1), (7, 5), (4, 4), (40, 20), (0, 0)])
def test_sign_flip_at_one_trial_is_the_exact_mcnemar_test(gained: int, lost: int) -> None:
    steps = [1] * gained + [-1] * lost + [0] * 30
    expected = mcnemar([[20, gained], [lost, 10]], exact=True).pvalue if gained + lost else 1.0
    assert sign_flip(second_routes.as_row(steps))[0] == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize("n", [2, 5, 9])
def test_sign_flip_is_scipys_enumeration(n: int) -> None:
    steps = second_routes.random_steps(random.Random(n), n, k=4, k_b=16)
    every = stats.permutation_test((np.array(steps),), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(second_routes.as_row(steps))[0] == pytest.approx(every.pvalue, abs=CLOSE)


def test_sign_flip_of_finely_graded_rewards_is_the_count_too() -> None:
    chance = random.Random(2)
    rows = [[chance.randint(-20_000, 20_000) for _ in range(13)] for _ in range(4)]
    expected = [float(second_routes.sign_flip(row)) for row in rows]
    assert sign_flip(np.array(rows)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n", [20, 60, 100])
def test_sign_flip_is_the_count_of_all_sign_patterns(n: int) -> None:
    chance = random.Random(n)
    rows = [second_routes.random_steps(chance, n, k=4, k_b=16) for _ in range(5)] + [[3] * n]
    expected = [float(second_routes.sign_flip(row)) for row in rows]
    assert sign_flip(np.array(rows)) == pytest.approx(expected, abs=1e-12)
    assert expected[-1] == 2.0 ** (1 - n)
