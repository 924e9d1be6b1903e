"""Rank sets, Holm and power follow from the paired differences alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from synthetic_runs import sample

from posttrain_arena.core.scoring.paired import pair
from posttrain_arena.core.scoring.ranks import judge
from posttrain_arena.core.scoring.significance import holm

BASE = sample("base", 0.05, seed=0)
ENTRIES = {
    "high": (sample("grpo", 0.95, seed=1), BASE),
    "near": (sample("grpo", 0.9, seed=2), BASE),
    "low": (sample("grpo", 0.3, seed=3), BASE),
    "none": (BASE, BASE),
}


def test_holm_equals_the_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_never_lowers(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(low <= high <= 1 for low, high in zip(p_values, adjusted, strict=True))
    ordered = sorted(range(len(p_values)), key=lambda index: p_values[index])
    assert [adjusted[index] for index in ordered] == sorted(adjusted)


def test_rank_sets_follow_scipys_paired_tests() -> None:
    standings, _ = judge(ENTRIES)
    names = sorted(ENTRIES)
    rows = {name: np.array([float(task.difference) for task in pair(*ENTRIES[name])]) for name in names}
    couples = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    adjusted = dict(zip(couples, holm([stats.ttest_rel(rows[a], rows[b]).pvalue for a, b in couples]), strict=True))
    for name in names:
        others = [other for other in names if other != name]
        clear = [other for other in others if adjusted[min(name, other), max(name, other)] < 0.05]
        better = sum(rows[other].mean() > rows[name].mean() for other in clear)
        assert (standings[name].rank_low, standings[name].rank_high) == (
            1 + better,
            len(names) - (len(clear) - better),
        )


def test_what_differs_from_the_baseline_is_said_after_holm() -> None:
    standings, _ = judge(ENTRIES)
    assert [standings[name].better for name in ("high", "near", "low", "none")] == [True, True, True, False]
    assert standings["none"].p_value == 1.0
    expected = stats.ttest_1samp([float(task.difference) for task in pair(*ENTRIES["low"])], 0).pvalue
    assert standings["low"].p_value == pytest.approx(2 * expected, rel=1e-9)
    assert [standings[name].level_with_first for name in ("high", "near", "low")] == [True, True, False]


def test_equal_entries_share_every_rank() -> None:
    entry = ENTRIES["high"]
    standings, power = judge({"a": entry, "b": entry, "c": entry})
    assert {(standing.rank_low, standing.rank_high) for standing in standings.values()} == {(1, 3)}
    assert power is not None
    assert power.pair_delta is not None
    assert power.pair_delta > 0


def test_entries_that_differ_by_a_constant_are_told_apart() -> None:
    full = sample("grpo", 2.0, seed=1)
    none = sample("base", -1.0, seed=1)
    standings, _ = judge({"full": (full, none), "none": (none, none)})
    assert (standings["full"].rank_low, standings["full"].rank_high) == (1, 1)
    assert standings["none"].rank_low == 2


def test_power_is_the_t_formula_on_the_median_error() -> None:
    name = "high"
    differences = [float(task.difference) for task in pair(*ENTRIES[name])]
    _, power = judge({name: ENTRIES[name]})
    assert power is not None
    reach = stats.t.ppf(0.975, 23) + stats.t.ppf(0.8, 23)
    assert power.baseline_delta == pytest.approx(reach * stats.sem(differences), rel=1e-9)
    assert power.pair_delta is None
    assert judge({}) == ({}, None)
