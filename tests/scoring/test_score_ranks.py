"""Rank sets, Holm and power follow from the paired differences alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from synthetic_runs import sample

from posttrain_arena.core.scoring.corpus import pooled, score_seeds
from posttrain_arena.core.scoring.paired import pair
from posttrain_arena.core.scoring.ranks import rank_sets, standard_errors
from posttrain_arena.core.scoring.score import score
from posttrain_arena.core.scoring.significance import holm
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.model.board import Judgement
from posttrain_arena.model.evaluation import Evaluation

BASE = sample("base", 0.05, seed=0)
ENTRIES = {
    "high": (sample("grpo", 0.95, seed=1), BASE),
    "near": (sample("grpo", 0.9, seed=2), BASE),
    "low": (sample("grpo", 0.3, seed=3), BASE),
    "none": (BASE, BASE),
}


def _judged(entries: Mapping[str, tuple[Evaluation, Evaluation]]) -> Judgement:
    return judge({name: ([entry], base) for name, (entry, base) in entries.items()})


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
    standings = _judged(ENTRIES).standings
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
    standings = _judged(ENTRIES).standings
    assert [standings[name].better for name in ("high", "near", "low", "none")] == [True, True, True, False]
    assert standings["none"].p_value == 1.0
    expected = stats.ttest_1samp([float(task.difference) for task in pair(*ENTRIES["low"])], 0).pvalue
    assert standings["low"].p_value == pytest.approx(2 * expected, rel=1e-9)
    assert [standings[name].level_with_first for name in ("high", "near", "low")] == [True, True, False]


def test_equal_entries_share_every_rank() -> None:
    entry = ENTRIES["high"]
    judged = _judged({"a": entry, "b": entry, "c": entry})
    standings, power = judged.standings, judged.power
    assert {(standing.rank_low, standing.rank_high) for standing in standings.values()} == {(1, 3)}
    assert power is not None
    assert power.pair_delta is not None
    assert power.pair_delta > 0


def test_entries_that_differ_by_a_constant_are_told_apart() -> None:
    full = sample("grpo", 2.0, seed=1)
    none = sample("base", -1.0, seed=1)
    standings = _judged({"full": (full, none), "none": (none, none)}).standings
    assert (standings["full"].rank_low, standings["full"].rank_high) == (1, 1)
    assert standings["none"].rank_low == 2


def test_power_is_the_t_formula_on_the_median_error() -> None:
    name = "high"
    differences = [float(task.difference) for task in pair(*ENTRIES[name])]
    power = _judged({name: ENTRIES[name]}).power
    assert power is not None
    reach = stats.t.ppf(0.975, 23) + stats.t.ppf(0.8, 23)
    assert power.baseline_delta == pytest.approx(reach * stats.sem(differences), rel=1e-9)
    assert power.pair_delta is None
    assert judge({}) == Judgement(standings={}, corpora={}, power=None)


def test_the_sign_flip_test_stands_beside_the_t_after_holm() -> None:
    standings = _judged(ENTRIES).standings
    names = sorted(ENTRIES)
    exact = [score(*ENTRIES[name]).sign_flip_p_value for name in names]
    assert [standings[name].sign_flip_p_value for name in names] == pytest.approx(holm(exact), abs=1e-12)
    assert standings["none"].sign_flip_p_value == 1.0


def test_shrunken_lifts_lie_between_the_lift_and_the_field() -> None:
    standings = _judged(ENTRIES).standings
    deltas = {name: score(*pairs).delta for name, pairs in ENTRIES.items()}
    inner = [standings[name].shrunken_delta for name in ENTRIES]
    assert min(deltas.values()) < min(inner) < max(inner) < max(deltas.values())
    ordered = sorted(ENTRIES, key=lambda name: deltas[name])
    assert sorted(ENTRIES, key=lambda name: standings[name].shrunken_delta) == ordered


def test_errors_are_those_of_scipy_and_padded_where_few_tasks_changed() -> None:
    chance = np.random.default_rng(0)
    full, rare = chance.integers(1, 9, 40) / 8, np.zeros(40)
    rare[:5] = 0.5
    found = standard_errors(np.array([full, rare, np.full(40, 0.5)]), np.array([4, 4, 4]))
    padded = [stats.sem([*row, 0.5, -0.5]) for row in (rare, np.full(40, 0.5))]
    assert found == pytest.approx([stats.sem(full), *padded], abs=1e-12)


def test_pairs_that_nearly_agree_keep_their_digits() -> None:
    """One task of a hundred differs by 1e-9: t is 1 for that pair, however small the difference."""
    chance = np.random.default_rng(1)
    row = chance.random(100)
    near = row.copy()
    near[7] += 1e-9
    fine, coarse = (rank_sets(np.array([row, near, row]), level=level) for level in (0.99, 0.9))
    assert stats.t.sf(1, 99) * 2 * 3 == pytest.approx(0.96, abs=0.01)
    assert (fine.low.tolist(), fine.high.tolist()) == ([2, 1, 2], [3, 1, 3])
    assert (coarse.low.tolist(), coarse.high.tolist()) == ([1, 1, 1], [3, 3, 3])


def test_a_large_field_of_equal_and_better_rows_is_split_in_two() -> None:
    chance = np.random.default_rng(2)
    base = chance.binomial(4, 0.3, (1, 100)) / 4
    rows = np.concatenate([np.repeat(base, 90, axis=0), np.repeat(base, 60, axis=0) + chance.random((1, 100))])
    found = rank_sets(rows, level=0.05)
    assert set(zip(found.low[:90], found.high[:90], strict=True)) == {(61, 150)}
    assert set(zip(found.low[90:], found.high[90:], strict=True)) == {(1, 60)}
    assert found.behind_first.tolist() == [True] * 90 + [False] * 60


def test_an_entry_with_seeds_is_ranked_with_their_noise() -> None:
    """Two seeds far apart: over tasks alone the entry is clear of the other, over tasks and seeds it is not."""
    seeds, other = [sample("grpo", rate, seed=at) for rate, at in ((1.1, 11), (0.5, 12))], sample("grpo", 0.4, seed=13)
    apart = _judged({"a": (pooled(seeds, "a"), BASE), "b": (other, BASE)}).standings
    found = judge({"a": (seeds, BASE), "b": ([other], BASE)})
    assert [(apart[name].rank_low, apart[name].rank_high) for name in "ab"] == [(1, 1), (2, 2)]
    assert {(standing.rank_low, standing.rank_high) for standing in found.standings.values()} == {(1, 2)}
    score = score_seeds(seeds, [BASE])
    assert found.corpora == {"a": score}
    assert found.standings["a"].p_value == pytest.approx(holm([score.t_p_value, apart["b"].p_value])[0], rel=1e-12)


def test_ranks_of_entries_with_seeds_follow_the_score_of_one_against_the_other() -> None:
    """The same question by another door: one corpus scored as if the other were its baseline."""
    fields = {
        name: [sample("grpo", rate + 0.05 * at, seed=7 * at + base) for at in range(3)]
        for base, (name, rate) in enumerate({"a": 0.9, "b": 0.85, "c": 0.3}.items())
    }
    standings = judge({name: (seeds, BASE) for name, seeds in fields.items()}).standings
    couples = [("a", "b"), ("a", "c"), ("b", "c")]
    scores = [score_seeds(fields[first], fields[second]) for first, second in couples]
    clear = dict(zip(couples, [p < 0.05 for p in holm([score.t_p_value for score in scores])], strict=True))
    assert {clear[couple] for couple in couples} == {True, False}
    assert all(math.isfinite(score.se) for score in scores)
    for name in fields:
        above = sum(clear[couple] for couple in couples if couple[1] == name)
        below = sum(clear[couple] for couple in couples if couple[0] == name)
        assert (standings[name].rank_low, standings[name].rank_high) == (1 + above, 3 - below)
