"""The ends of the distribution of a resampled sum, by FFT, proved against rounding."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

GUARD = 1e-11
"""FFT probabilities are off by less than 1e-13 (measured up to n = 1000). Nearer to the tail, integers decide."""

CHUNK = 1 << 20
"""Numbers in one batch of transforms: 8 MiB, which stays near the processor."""


def resampled_ends(steps: NDArray[np.int64], tail: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lower and upper end of each row's resampled sum, in steps.

    A row of ``steps`` (rows, n) is one sample; n draws with replacement are summed. The lower end is the least value
    with P(S ≤ v) ≥ tail, the upper end the greatest with P(S ≥ v) ≥ tail. The sum's distribution is the n-fold
    convolution of the row's own, ``irfft(rfft(pmf)**n)``: no random number.
    """
    least = steps.min(axis=1)
    gaps = np.maximum(np.gcd.reduce(steps - least[:, None], axis=1), 1)
    places = (steps - least[:, None]) // gaps[:, None]
    low, high = np.empty_like(least), np.empty_like(least)
    for rows in _chunks(places):
        low[rows], high[rows] = _ends(places[rows], tail)
    return steps.shape[1] * least + gaps * low, steps.shape[1] * least + gaps * high


def convolve(pmfs: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the distributions of the sum of ``n`` independent draws from each row of ``pmfs`` (indexed from 0)."""
    from scipy.fft import irfft, next_fast_len, rfft

    size = n * (pmfs.shape[1] - 1) + 1
    padded = next_fast_len(size, real=True)
    if padded == 1:
        return pmfs
    total: NDArray[np.float64] = irfft(_power(rfft(pmfs, padded), n), padded)[:, :size]
    return total


def exact_end(counts: Sequence[int], tail: float) -> int:
    """Return the least v with P(S ≤ v) ≥ tail in integers, where ``counts[v]`` of n = sum(counts) draws are v.

    The number c_v of the n**n resamples with sum v follows from its predecessors (Euler's recurrence for the power of
    a polynomial): v·p_0·c_v = Σ_k (k·(n + 1) - v)·p_k·c_{v-k}. ``counts[0]`` must not be zero.
    """
    n = sum(counts)
    needed = Fraction(tail) * n**n
    drawn = [(k, count) for k, count in enumerate(counts) if k and count]
    ways = [counts[0] ** n]
    reached = ways[0]
    for v in itertools.count(1):
        if reached >= needed:
            return v - 1
        known = (((n + 1) * k - v) * count * ways[v - k] for k, count in drawn if k <= v)
        ways.append(sum(known) // (v * counts[0]))
        reached += ways[v]
    raise AssertionError("unreachable: the resamples sum to n**n")


def _ends(places: NDArray[np.int64], tail: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, n = places.shape
    width = int(places.max()) + 1
    flat = places + width * np.arange(rows)[:, None]
    counts = np.bincount(flat.ravel(), minlength=rows * width).reshape(rows, width)
    below = np.cumsum(convolve(counts / n, n), axis=1)
    low = np.count_nonzero(below < tail, axis=1)
    high = np.count_nonzero(below <= 1 - tail, axis=1)
    last = n * places.max(axis=1)
    for row in np.flatnonzero(_near(below, low, tail) | _near(below, high, 1 - tail)):
        own = counts[row, : last[row] // n + 1].tolist()
        low[row], high[row] = exact_end(own, tail), last[row] - exact_end(own[::-1], tail)
    return low, np.minimum(high, last)


def _near(below: NDArray[np.float64], found: NDArray[np.int64], tail: float) -> NDArray[np.bool_]:
    """Say for which rows a probability beside the end found is too near to the tail to trust a rounded number."""
    around = np.clip(np.stack([found - 1, found], axis=1), 0, below.shape[1] - 1)
    distance: NDArray[np.float64] = np.abs(np.take_along_axis(below, around, axis=1) - tail).min(axis=1)
    return distance < GUARD


def _power(values: NDArray[np.complex128], n: int) -> NDArray[np.complex128]:
    """Return ``values**n`` by repeated squaring, which is several times faster than NumPy's complex power."""
    result = np.ones_like(values)
    while n:
        if n & 1:
            result *= values
        n >>= 1
        values = values * values
    return result


def _chunks(places: NDArray[np.int64]) -> Iterator[slice]:
    rows, n = places.shape
    size = max(1, CHUNK // (n * (int(places.max()) + 1)))
    return (slice(start, start + size) for start in range(0, rows, size))
