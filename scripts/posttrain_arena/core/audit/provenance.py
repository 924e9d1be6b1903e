"""Tell where weights come from: how much of a known model's step away from the base is in them.

The projection of W - W_base on W_known - W_base is about 0 for training from the base (0.00 to 0.05 were seen), about 1
for the known model and what was trained from it, and 0.5 for the mean of both. The cosine between the two steps tells a
small share of a known model, taken as it is, from training that went the same way for a while.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

PROJECTION = 0.2
MARGIN = 0.15
"""What a projection must be above the largest one that honest training gave: small models trained on one thing get far
along one way."""

COSINE = 0.9
"""Above it a step goes in the known direction, however small it is."""


class Weights(Protocol):
    """The tensors of a model."""

    def names(self) -> list[str]:
        """Return the names of the tensors, sorted."""
        ...

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        ...

    def raw(self, name: str) -> bytes:
        """Return the bytes of a tensor."""
        ...

    def values(self, name: str) -> NDArray[np.float64]:
        """Return a tensor as one row of doubles."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """What of a known model is in the weights. ``projection`` and ``cosine`` are None where nothing can be compared."""

    projection: float | None
    cosine: float | None
    compared: int

    def taken(self, honest_projection: float) -> bool:
        """Say whether the weights come from the known model; training from the base gave the projection given."""
        return self.projection is not None and (
            self.projection >= max(PROJECTION, honest_projection + MARGIN)
            or (self.cosine is not None and self.cosine >= COSINE)
        )


def descent(weights: Weights, base: Weights, known: Weights) -> Descent:
    """Project the step of ``weights`` from ``base`` on that of ``known``, over all tensors of one name and shape."""
    dot = step = direction = 0.0
    names = [name for name in weights.names() if _alike(name, weights, base) and _alike(name, weights, known)]
    for name in names:
        origin = base.values(name)
        own, other = weights.values(name) - origin, known.values(name) - origin
        dot += float(own @ other)
        step += float(own @ own)
        direction += float(other @ other)
    if not all(map(math.isfinite, (dot, step, direction))) or direction == 0:
        return Descent(projection=None, cosine=None, compared=len(names))
    cosine = dot / math.sqrt(step * direction) if step else None
    return Descent(projection=dot / direction, cosine=cosine, compared=len(names))


def digests(weights: Weights) -> dict[str, str]:
    """Return tensor → SHA-256 of its bytes; a file's digest changes with every word of its header."""
    return {name: hashlib.sha256(weights.raw(name)).hexdigest() for name in weights.names()}


def same_tensors(own: dict[str, str], base: dict[str, str], known: dict[str, str]) -> list[str]:
    """Return the tensors that are those of a known model, byte for byte, and are not those of the base."""
    return sorted(name for name, mark in own.items() if known.get(name) == mark and base.get(name) != mark)


def _alike(name: str, one: Weights, other: Weights) -> bool:
    return name in other.names() and one.shape(name) == other.shape(name)
