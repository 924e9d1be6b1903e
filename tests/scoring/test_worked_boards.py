"""Worked examples of a whole board (Holm, rank sets, shrinkage), seeds and power by a second route, to 1e-9."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from posttrain_arena.core.scoring.power import resolved_delta
from posttrain_arena.core.scoring.ranks import rank_sets
from posttrain_arena.core.scoring.seeds import seed_variance
from posttrain_arena.core.scoring.shrinkage import shrink
from posttrain_arena.core.scoring.significance import holm

CLOSE = 1e-9


# Many entries


def test_holm_is_statsmodels() -> None:
    chance = np.random.default_rng(0)
    for size in (1, 2, 5, 40):
        p_values = chance.random(size) ** 3
        assert holm(p_values.tolist()) == pytest.approx(multipletests(p_values, method="holm")[1], abs=CLOSE)


@pytest.mark.parametrize("seed", range(6))
def test_rank_sets_are_those_of_all_pairs_by_scipy_and_statsmodels(seed: int) -> None:
    chance = np.random.default_rng(seed)
    strength = chance.random((9, 1)) * (seed % 3) / 2
    rows = chance.binomial(4, np.clip(chance.random(40) * 0.5 + strength, 0, 1)) / 4
    pairs = list(itertools.combinations(range(9), 2))
    p_values = [stats.ttest_rel(rows[a], rows[b]).pvalue for a, b in pairs]
    clear = multipletests(p_values, alpha=0.05, method="holm")[0]
    better, worse = np.zeros(9, dtype=int), np.zeros(9, dtype=int)
    for (a, b), said in zip(pairs, clear, strict=True):
        if said:
            high, low = (a, b) if rows[a].mean() > rows[b].mean() else (b, a)
            better[low] += 1
            worse[high] += 1
    found = rank_sets(rows, level=0.05)
    assert (found.low.tolist(), found.high.tolist()) == ((1 + better).tolist(), (9 - worse).tolist())


def test_shrinkage_on_paper() -> None:
    """Δ = 0, 0.1, 0.2, each with SE 0.05: Q = 8, τ² = (8 - 2)/(1200 - 400) = 0.0075: 3/4 of each distance stay."""
    found = shrink([0.0, 0.1, 0.2], [0.05] * 3)
    assert (found.mean, found.variance) == pytest.approx((0.1, 0.0075), abs=CLOSE)
    assert found.deltas == pytest.approx((0.025, 0.1, 0.175), abs=CLOSE)


@pytest.mark.parametrize("seed", range(5))
def test_shrinkage_is_statsmodels_dersimonian_laird(seed: int) -> None:
    chance = np.random.default_rng(seed)
    errors = chance.uniform(0.01, 0.06, 12)
    deltas = chance.normal(0.05, 0.05 * (seed % 2), 12) + chance.normal(0, errors)
    found = shrink(deltas.tolist(), errors.tolist())
    with np.errstate(invalid="ignore"):
        field = combine_effects(deltas, errors**2, method_re="dl")
    variance = max(0.0, field.tau2)
    mean = np.average(deltas, weights=1 / (errors**2 + variance))
    expected = mean + variance / (variance + errors**2) * (deltas - mean)
    assert (found.mean, found.variance) == pytest.approx((mean, variance), abs=CLOSE)
    assert found.deltas == pytest.approx(expected, abs=CLOSE)


def test_a_field_without_spread_and_a_single_entry() -> None:
    assert shrink([0.1, 0.11, 0.09], [0.05] * 3).deltas == pytest.approx((0.1, 0.1, 0.1), abs=CLOSE)
    assert shrink([0.1], [0.05]).deltas == (0.1,)


# Seeds


def test_seed_variance_on_paper() -> None:
    """Two tasks, two seeds with rates (0.5, 1) and (0, 1), a baseline of (0, 0).

    d = 0.25, 1: V_tasks = 0.28125/2. The seeds' means 0.75 and 0.5: V_seeds = 0.03125/2. Residuals ± 0.125: MS = 0.0625
    and the residual 0.0625/4, as large as V_seeds: V is V_tasks, with its one degree of freedom.
    """
    found = seed_variance(np.array([[0.5, 1.0], [0.0, 1.0]]), np.zeros((1, 2)))
    parts = (found.tasks, found.entry_seeds, found.entry_residual, found.baseline_seeds, found.baseline_residual)
    assert parts == pytest.approx((0.140625, 0.015625, 0.015625, 0.0, 0.0), abs=CLOSE)
    assert (found.total, found.degrees) == pytest.approx((0.140625, 1.0), abs=CLOSE)


@pytest.mark.parametrize(("m", "m_b"), [(2, 1), (3, 3), (5, 4)])
def test_seed_variance_is_that_of_the_two_way_table(m: int, m_b: int) -> None:
    chance = np.random.default_rng(m)
    entry = np.clip(chance.random(12) + chance.normal(0, 0.2, (m, 1)) + chance.normal(0, 0.1, (m, 12)), 0, 1)
    baseline = np.clip(chance.random(12) + chance.normal(0, 0.2, (m_b, 1)) + chance.normal(0, 0.1, (m_b, 12)), 0, 1)
    found = seed_variance(entry, baseline)
    tasks = stats.sem(entry.mean(axis=0) - baseline.mean(axis=0)) ** 2
    parts, degrees = [tasks], [11]
    for side in (entry, baseline):
        if len(side) > 1:
            seeds, residual = _mean_squares(side)
            parts += [seeds / side.size, -residual / side.size]
            degrees += [len(side) - 1, 11 * (len(side) - 1)]
    total = sum(parts)
    assert total > tasks
    assert found.total == pytest.approx(total, abs=CLOSE)
    satterthwaite = total**2 / sum(part**2 / free for part, free in zip(parts, degrees, strict=True))
    assert found.degrees == pytest.approx(satterthwaite, abs=CLOSE)


def _mean_squares(side: np.ndarray) -> tuple[float, float]:
    """Return the mean squares of seeds and of the interaction from statsmodels' analysis of variance."""
    rows = [(seed, task, value) for (seed, task), value in np.ndenumerate(side)]
    table = anova_lm(
        OLS.from_formula("rate ~ C(seed) + C(task)", pandas.DataFrame(rows, columns=["seed", "task", "rate"])).fit()
    )
    return table.loc["C(seed)", "mean_sq"], table.loc["Residual", "mean_sq"]


def test_seeds_that_agree_leave_the_variance_of_the_tasks() -> None:
    chance = np.random.default_rng(3)
    rates = chance.random(30)
    apart = chance.normal(0, 0.05, 30)
    found = seed_variance(np.array([rates + apart - apart.mean(), rates - apart + apart.mean()]), np.zeros((1, 30)))
    assert (found.total, found.degrees) == (found.tasks, 29.0)


# Power


@pytest.mark.parametrize("n", [20, 100])
def test_power_is_the_sum_of_two_quantiles_and_near_the_noncentral_t(n: int) -> None:
    found = resolved_delta(0.02, n - 1, alpha=0.05)
    assert found == pytest.approx((stats.t.ppf(0.975, n - 1) + stats.t.ppf(0.8, n - 1)) * 0.02, abs=CLOSE)
    assert TTestPower().power(found / (0.02 * math.sqrt(n)), n, 0.05) == pytest.approx(0.8, abs=0.01)
