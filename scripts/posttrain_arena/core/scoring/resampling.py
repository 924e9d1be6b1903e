"""The ends of the distribution of a resampled sum, by FFT, proved against rounding."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

GUARD = 1e-11
"""Probabilities by FFT are off by less than 1e-12 (measured to n = 1000 and the finest grid). Nearer to the tail,
integers decide."""

LOG_OUTSIDE = math.log(2e14)
"""The transform's window leaves out less than 1e-14 of the probability, by Bernstein's inequality."""

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


def sum_chances(places: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distribution of each row's resampled sum, and the sum that its first column stands for.

    It is ``irfft(rfft(pmf)**n)`` in a window around the mean, wide enough for all but 1e-14 of it.
    """
    from scipy.fft import irfft, rfft

    rows, n = places.shape
    centre, size = _window(places)
    flat = (places - centre[:, None]) % size + size * np.arange(rows)[:, None]
    pmf = np.bincount(flat.ravel(), minlength=rows * size).reshape(rows, size) / n
    spectrum = _power(rfft(pmf), n)
    spectrum[:, 1::2] *= -1  # half a turn: the mean stands in the middle and not at the ends
    return irfft(spectrum, size), n * centre - size // 2


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
    chances, first = sum_chances(places)
    below = np.cumsum(chances, axis=1)
    low, high = np.count_nonzero(below < tail, axis=1), np.count_nonzero(below <= 1 - tail, axis=1)
    doubtful = np.flatnonzero(_near(below, low, tail) | _near(below, high, 1 - tail))
    low, high = first + low, first + high
    for row in doubtful:
        counts = np.bincount(places[row]).tolist()
        low[row], high[row] = exact_end(counts, tail), _mirrored(counts, tail)
    return low, high


def _mirrored(counts: Sequence[int], tail: float) -> int:
    """Return the greatest v with P(S ≥ v) ≥ tail."""
    return sum(counts) * (len(counts) - 1) - exact_end(counts[::-1], tail)


def _window(places: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return a whole number near each row's mean, and the size of a window around its sum that serves all rows."""
    from scipy.fft import next_fast_len

    n, mean = places.shape[1], places.mean(axis=1, keepdims=True)
    far = np.abs(places - mean).max(axis=1)
    third = far * LOG_OUTSIDE / 3
    reach = np.minimum(n * far, third + np.sqrt(third**2 + 2 * n * LOG_OUTSIDE * places.var(axis=1)))
    return np.rint(mean[:, 0]).astype(np.int64), 2 * next_fast_len(int(reach.max()) + n // 2 + 2, real=True)


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
