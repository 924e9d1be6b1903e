"""Hash runs of neighbouring words, whatever stands between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

WORD = re.compile(r"[^\W_]+")
"""Words and numbers: layout, quotes, operators and underscores do not count."""

_FACTOR = 0x9E3779B97F4A7C15
"""An odd number near 2^64 divided by the golden ratio: its powers spread over all bits."""


def words(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return WORD.findall(text.casefold())


def word_hashes(found: Sequence[str]) -> Hashes:
    """Return one number per word."""
    return np.fromiter((crc32(word.encode("utf-8", "surrogatepass")) for word in found), np.uint64, len(found))


def grams(hashes: Hashes, length: int) -> Hashes:
    """Return the hash of every run of ``length`` words, in order; empty where there are fewer words."""
    count = len(hashes) - length + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    found = np.zeros(count, np.uint64)
    for place in range(length):
        found = found * np.uint64(_FACTOR) + _mixed(hashes[place : place + count])
    return found


def _mixed(values: Hashes) -> Hashes:
    """Return values whose bits all depend on each other: checksums of like words are like."""
    mixed = (values + np.uint64(1)) * np.uint64(_FACTOR)
    return mixed ^ (mixed >> np.uint64(29))
