"""Tests of no difference: the paired t, the exact sign-flip test, Holm's adjustment."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

CONSTANT = 1e-13
"""Differences whose variance is less than this share of their mean square are constant but for rounding."""


def t_statistics(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean/(sd/√n) of every row; 0 where nothing differs, ± infinity where all differ by the same."""
    n = rows.shape[1]
    total, squares = rows.sum(axis=1), np.einsum("ij,ij->i", rows, rows)
    spread = squares - total**2 / n
    spread = np.where(spread <= CONSTANT * squares, 0.0, spread)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = total / np.sqrt(n * spread / (n - 1))
    return np.where(squares == 0, 0.0, found)


def t_p_values(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the two-sided p-value of the paired t for every row of differences; 1 where nothing differs."""
    from scipy.special import stdtr

    p_values: NDArray[np.float64] = 2 * stdtr(rows.shape[1] - 1, -np.abs(t_statistics(rows)))
    return p_values


def t_p_value(delta: float, *, error: float, degrees: float) -> float:
    """Return the two-sided p-value of delta/error by Student's t; 1 for no difference, 0 for one without an error."""
    from scipy.special import stdtr

    if delta == 0:
        return 1.0
    return float(2 * stdtr(degrees, -abs(delta) / error)) if error > 0 else 0.0


def sign_flip(steps: Sequence[int]) -> Fraction:
    """Return the exact two-sided p-value of the sign-flip test: P(abs(Σ ±d_i) ≥ abs(Σ d_i)), every sign a fair coin.

    ``steps`` are the differences on any grid. At one trial a side it is the exact McNemar test. The numbers of subsets
    of the abs(d_i) with each sum are the coefficients of Π (1 + x**abs(d_i)), kept as the digits of one integer.
    """
    sizes = sorted(abs(step) for step in steps if step)
    observed, total, bits = abs(sum(steps)), sum(sizes), len(sizes) + 1
    if not observed:
        return Fraction(1)
    subsets = 1
    for size in sizes:
        subsets += subsets << (size * bits)
    upper = subsets >> ((total + observed) // 2 * bits)
    # The digits of a number in base b leave its remainder by b - 1, and all subsets are fewer than that.
    return Fraction(2 * (upper % ((1 << bits) - 1)), 1 << len(sizes))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given: the running maximum of min(1, (m - place)·p).

    Source: Holm, "A simple sequentially rejective multiple test procedure" (Scand. J. Statistics 6, 1979).
    """
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = running
    return adjusted


def holm_threshold(sizes: NDArray[np.float64], degrees: float, *, level: float) -> float:
    """Return the size above which Holm at ``level`` rejects, among t statistics of these absolute ``sizes``.

    With r rejected the next one needs p < level/(m - r). Counting and raising r until it stays gives Holm's set without
    a p-value for each of very many pairs: whatever passes a bound passes every later, milder one.
    """
    from scipy.special import stdtrit

    rejected, before, threshold = 0, -1, np.inf
    while before < rejected < len(sizes):
        before = rejected
        threshold = -float(stdtrit(degrees, level / (len(sizes) - rejected) / 2))
        rejected = int(np.count_nonzero(sizes > threshold))
    return threshold
