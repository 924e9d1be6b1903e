"""Tests of no difference: the paired t, the exact sign-flip test, Holm's adjustment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

CONSTANT = 1e-13
"""Differences whose variance is less than this share of their mean square are constant but for rounding."""

CHUNK, FREQUENCIES = 1 << 18, 1 << 12
"""Numbers and frequencies that are worked on at once: a few MiB."""


def t_statistics(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean/(sd/√n) of every row; 0 where nothing differs, ± infinity where all differ by the same."""
    return t_from_sums(rows.sum(axis=1), np.einsum("ij,ij->i", rows, rows), rows.shape[1])


def t_from_sums(total: NDArray[np.float64], squares: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the same from the sums of n values and of their squares."""
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


def t_of_p_value(p_value: float, degrees: float) -> float:
    """Return the t, 0 or more, whose two-sided p-value is ``p_value``; infinity for 0."""
    from scipy.special import stdtrit

    return float(-stdtrit(degrees, p_value / 2)) if p_value > 0 else np.inf


def sign_flip(steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the exact two-sided p-value of the sign-flip test for every row of ``steps`` (rows, n).

    P(abs(Σ ±d_i) ≥ abs(Σ d_i)) where every sign is a fair coin; ``steps`` are the d_i on any grid. At one trial a side
    it is the exact McNemar test. The sum of those abs(d_i) whose sign is plus has the characteristic function
    Π (1 + e^(-iω·abs(d_i)))/2, whose inverse transform is its distribution: nothing is drawn, and the rounding is about
    1e-15.
    """
    gaps = np.maximum(np.gcd.reduce(steps, axis=1), 1)[:, None]
    sizes, observed = np.abs(steps) // gaps, np.abs((steps // gaps).sum(axis=1))
    total = sizes.sum(axis=1)
    upper = np.concatenate([_tail(sizes[rows], (total + observed)[rows] // 2) for rows in _chunks(total)])
    least = 2.0 ** (1 - np.count_nonzero(sizes, axis=1))
    return np.where(observed == 0, 1.0, np.clip(2 * upper, np.minimum(least, 1.0), 1.0))


def _tail(sizes: NDArray[np.int64], least: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each row the probability that the ``sizes`` chosen by fair coins sum to ``least`` or more."""
    from scipy.fft import irfft, next_fast_len

    rows, total = len(sizes), sizes.sum(axis=1)
    padded = next_fast_len(int(total.max()) + 1, real=True)
    different, which = np.unique(sizes, return_inverse=True)
    flat = which.reshape(sizes.shape) + len(different) * np.arange(rows)[:, None]
    counts = np.bincount(flat.ravel(), minlength=rows * len(different)).reshape(rows, -1).astype(np.float64)
    spectrum = np.empty((rows, padded // 2 + 1), dtype=np.complex128)
    for start in range(0, spectrum.shape[1], FREQUENCIES):
        frequencies = np.arange(start, min(start + FREQUENCIES, spectrum.shape[1]))
        # (1 + e^(-2iφ))/2 = cos φ · e^(-iφ): of a product of cosines lengths and signs follow from sums
        cosines = np.cos(np.outer(different, frequencies) % (2 * padded) * (np.pi / padded))
        signs = 1 - 2 * (counts @ (cosines < 0) % 2)
        lengths = np.exp(counts @ np.log(np.abs(cosines)))
        turns = np.outer(total, frequencies) % (2 * padded) * (np.pi / padded)
        spectrum[:, start : start + FREQUENCIES] = signs * lengths * np.exp(-1j * turns)
    chances = irfft(spectrum, padded) if padded > 1 else np.ones((rows, 1))
    tail: NDArray[np.float64] = np.where(np.arange(padded) >= least[:, None], chances, 0.0).sum(axis=1)
    return tail


def _chunks(total: NDArray[np.int64]) -> Iterator[slice]:
    size = max(1, CHUNK // (int(total.max()) + 1))
    return (slice(start, start + size) for start in range(0, len(total), size))


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


def holm_threshold(statistics: NDArray[np.float64], degrees: float, *, tests: int, level: float) -> float:
    """Return the t above which Holm at ``level`` rejects, of ``tests`` that are in ``statistics`` with both signs each.

    With r rejected the next one needs p < level/(tests - r). Counting and raising r until it stays gives Holm's set
    without a p-value for each of very many pairs: whatever passes a bound passes every later, milder one.
    """
    from scipy.special import stdtrit

    rejected, before, threshold = 0, -1, np.inf
    while before < rejected < tests:
        before = rejected
        threshold = -float(stdtrit(degrees, level / (tests - rejected) / 2))
        rejected = int(np.count_nonzero(statistics > threshold))
    return threshold
