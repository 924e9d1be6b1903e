"""Know tensors of known models by their digests, also where they were stored with other numbers of bits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.audit.provenance import Weights

LEAST_CHANGED = 64
"""Values that rounding must leave different from the base's: a few that honest training moved round alike."""

Rounded = NDArray[np.uint16]


def digests(weights: Weights) -> dict[str, frozenset[str]]:
    """Return tensor → the SHA-256 of its bytes and of its values as BF16; a file's changes with its header."""
    return {name: _digests(weights, name) for name in weights.names()}


def listed(weights: Weights) -> dict[str, str]:
    """Return tensor → the SHA-256 of its values as BF16, which finds it however its numbers are stored."""
    return {name: _sha256(rounded(weights, name).tobytes()) for name in weights.names()}


def same_tensors(own: Weights, base: Weights, known: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Yield (tensor, digest) of those that are a known model's, as bytes or as BF16, and are not the base's."""
    there = set(base.names())
    for name in own.names():
        short, marks = rounded(own, name), known.get(name, frozenset())
        raw, mark = _sha256(own.raw(name)), _sha256(short.tobytes())
        if raw != mark and raw in marks and not (name in there and raw in _digests(base, name)):
            yield name, raw
        elif mark in marks and _changed(short, base, name, there) >= LEAST_CHANGED:
            yield name, mark


def _changed(own: Rounded, base: Weights, name: str, there: set[str]) -> int:
    other = rounded(base, name) if name in there else np.empty(0, np.uint16)
    return int(np.count_nonzero(own != other)) if len(own) == len(other) else len(own)


def rounded(weights: Weights, name: str) -> Rounded:
    """Return the values of a tensor as BF16: the upper half of F32, rounded to nearest, ties to even."""
    with np.errstate(over="ignore"):
        bits = weights.values(name).astype("<f4").view("<u4").astype(np.uint64)
    upper: Rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    return upper


def _digests(weights: Weights, name: str) -> frozenset[str]:
    return frozenset({_sha256(weights.raw(name)), _sha256(rounded(weights, name).tobytes())})


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
