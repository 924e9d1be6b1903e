"""No rounding of a transform moves an end of the interval: integers are the judge, also at exact ties."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_routes import as_row, attained, ends, random_steps, resamples_by_sum

from posttrain_arena.core.scoring import resampling
from posttrain_arena.core.scoring.intervals import tail_level
from posttrain_arena.core.scoring.resampling import exact_end, resampled_ends, sum_chances

SHAPES = [(n, k, k_b) for n in (2, 3, 4, 5, 6, 14, 20) for k, k_b in ((1, 1), (2, 3), (4, 16), (8, 16))]
LARGE = [(100, 1, 1), (100, 2, 16), (100, 4, 16), (100, 8, 16), (100, 16, 16), (200, 1, 16), (200, 4, 4), (200, 4, 16)]


def found(steps: list[int], tail: float) -> tuple[int, int]:
    low, high = resampled_ends(as_row(steps), tail)
    return int(low[0]), int(high[0])


@pytest.mark.parametrize(("n", "k", "k_b"), SHAPES)
def test_ends_of_small_sets_are_those_of_integers(n: int, k: int, k_b: int) -> None:
    chance = random.Random(n * 100 + k)
    for _ in range(40):
        steps = random_steps(chance, n, k=k, k_b=k_b)
        for level in (0.95, 0.8):
            tail = tail_level(n, level=level)
            assert found(steps, tail) == ends(steps, tail), steps


@pytest.mark.parametrize(("n", "k", "k_b"), LARGE)
def test_ends_of_large_sets_are_those_of_integers(n: int, k: int, k_b: int) -> None:
    steps = random_steps(random.Random(n + k), n, k=k, k_b=k_b)
    tail = tail_level(n, level=0.95)
    assert found(steps, tail) == ends(steps, tail)


@pytest.mark.parametrize("seed", range(3))
def test_ends_of_graded_rewards_are_those_of_integers(seed: int) -> None:
    chance = random.Random(seed)
    steps = [chance.randint(-40, 40) for _ in range(60)]
    tail = tail_level(60, level=0.95)
    assert found(steps, tail) == ends(steps, tail)


@pytest.mark.parametrize(("n", "k", "k_b"), [(5, 2, 4), (6, 1, 1), (8, 4, 16), (16, 1, 1), (16, 2, 2), (30, 4, 16)])
def test_a_tie_at_the_tail_and_its_neighbours_are_told_apart(n: int, k: int, k_b: int) -> None:
    """With n a power of two some probabilities are floats exactly; the floats beside any are the closest misses."""
    chance = random.Random(n)
    for near in (0.01, 0.02306, 0.1):
        steps = random_steps(chance, n, k=k, k_b=k_b)
        tie = float(attained(steps, Fraction(near)))
        for tail in (math.nextafter(tie, 0), tie, math.nextafter(tie, 1)):
            if tail < 0.5:
                assert found(steps, tail) == ends(steps, tail), (steps, tail)


def test_an_exact_tie_keeps_the_value_that_attains_it() -> None:
    """Of two tasks 0 and 1 the resampled sums 0, 1, 2 have the chances 1/4, 1/2, 1/4."""
    assert found([0, 1], 0.25) == (0, 2)
    assert found([0, 1], math.nextafter(0.25, 1)) == (1, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=2, max_size=7), st.floats(1e-9, 0.49))
def test_ends_are_those_of_integers_at_any_tail(steps: list[int], tail: float) -> None:
    assert found(steps, tail) == ends(steps, tail)


@given(st.integers(-40, 40), st.integers(2, 200))
def test_equal_differences_are_a_point(step: int, n: int) -> None:
    assert found([step] * n, tail_level(n, level=0.95)) == (n * step, n * step)


def test_without_integers_rounding_would_move_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    cases = [random_steps(chance, 16, k=1, k_b=1) for _ in range(40)]
    ties = [float(attained(steps, Fraction(1, 50))) for steps in cases]
    needed = [ends(steps, tie) for steps, tie in zip(cases, ties, strict=True)]
    assert [found(steps, tie) for steps, tie in zip(cases, ties, strict=True)] == needed
    monkeypatch.setattr(resampling, "GUARD", 0.0)
    assert [found(steps, tie) for steps, tie in zip(cases, ties, strict=True)] != needed


def test_rows_of_one_batch_do_not_touch_each_other() -> None:
    chance = random.Random(5)
    rows = [random_steps(chance, 20, k=4, k_b=16) for _ in range(30)] + [[3] * 20, [-16, 16] * 10]
    tail = tail_level(20, level=0.95)
    low, high = resampled_ends(np.array(rows), tail)
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == [found(row, tail) for row in rows]


@pytest.mark.parametrize(("n", "k", "k_b"), [(14, 1, 1), (100, 4, 16), (200, 8, 16)])
def test_rounding_of_the_transform_stays_far_below_the_guard(n: int, k: int, k_b: int) -> None:
    steps = random_steps(random.Random(n), n, k=k, k_b=k_b)
    exact = {place: float(Fraction(ways, n**n)) for place, ways in enumerate(resamples_by_sum(steps))}
    chances, first = sum_chances(as_row([step - min(steps) for step in steps]))
    error = np.cumsum([chance - exact.get(int(first[0]) + place, 0.0) for place, chance in enumerate(chances[0])])
    assert np.abs(error).max() < resampling.GUARD / 100
    assert sum(exact.get(int(first[0]) + place, 0.0) for place in range(chances.shape[1])) > 1 - 1e-13


@pytest.mark.parametrize("n", [5, 14, 40])
def test_the_recurrence_gives_the_end_of_the_integer_power(n: int) -> None:
    steps = random_steps(random.Random(n), n, k=4, k_b=16)
    counts = np.bincount(np.array(steps) - min(steps)).tolist()
    for tail in (1e-9, 0.02, 0.3):
        assert n * min(steps) + exact_end(counts, tail) == ends(steps, tail)[0]
