"""Tell where weights come from: how much of a known model's step away from the base is in them.

The projection of W - W_base on W_known - W_base is about 0 for training from the base (0.00 to 0.05 were seen), about 1
for the known model and what was trained from it, and 0.5 for the mean of both. The cosine between the two steps tells a
small share of a known model, taken as it is, from training that went the same way for a while.

Both are taken over all weights, and again for each tensor in a way that a part of it cannot upset: a row that was moved
far, or a value that is no number, would hide all the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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

MOST_WEIGHTS = 0.5
"""Share of the weights whose tensors must be a known model's, each by itself."""

MAX_VALUE = 1e100
"""Larger values are left out as those are that are no numbers: their squares are none."""

MAX_SAMPLED = 200_000
"""Values of a tensor of which the median is taken, spread over it."""

CLIP = 5.0
"""Times the median step of a tensor at which a value's step is cut for its cosine."""

Values = NDArray[np.float64]


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
class TensorDescent:
    """What of a known model is in one tensor of so many weights, whatever a few of them do."""

    projection: float
    cosine: float
    weights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """What of a known model is in the weights. ``projection`` and ``cosine`` are None where nothing can be compared."""

    projection: float | None
    cosine: float | None
    compared: int
    tensors: tuple[TensorDescent, ...] = ()

    def taken(self, honest_projection: float) -> bool:
        """Say whether the weights come from the known model; training from the base gave the projection given."""
        least = max(PROJECTION, honest_projection + MARGIN)
        return (
            (self.projection is not None and self.projection >= least)
            or (self.cosine is not None and self.cosine >= COSINE)
            or self.share(lambda tensor: tensor.projection >= least) >= MOST_WEIGHTS
            or self.share(lambda tensor: tensor.cosine >= COSINE) >= MOST_WEIGHTS
        )

    def share(self, counts: Callable[[TensorDescent], bool]) -> float:
        """Return the share of the weights that are in tensors that count."""
        total = sum(tensor.weights for tensor in self.tensors)
        return sum(tensor.weights for tensor in self.tensors if counts(tensor)) / total if total else 0.0


def descent(weights: Weights, base: Weights, known: Weights) -> Descent:
    """Project the step of ``weights`` from ``base`` on that of ``known``, over all tensors of one name and shape."""
    dot = step = direction = 0.0
    names = [name for name in weights.names() if _alike(name, weights, base) and _alike(name, weights, known)]
    tensors = []
    for name in names:
        own, other = _steps(weights.values(name), base.values(name), known.values(name))
        dot += float(own @ other)
        step += float(own @ own)
        direction += float(other @ other)
        if np.any(other):
            tensors.append(_of_tensor(own, other))
    if direction == 0:
        return Descent(projection=None, cosine=None, compared=len(names))
    cosine = dot / math.sqrt(step * direction) if step else None
    return Descent(projection=dot / direction, cosine=cosine, compared=len(names), tensors=tuple(tensors))


def _steps(own: Values, origin: Values, other: Values) -> tuple[Values, Values]:
    """Return both steps from the base, without the places where one of the three has no usable number."""
    usable = (np.abs(own) < MAX_VALUE) & (np.abs(origin) < MAX_VALUE) & (np.abs(other) < MAX_VALUE)
    return own[usable] - origin[usable], other[usable] - origin[usable]


def _of_tensor(own: Values, other: Values) -> TensorDescent:
    """Return the slope of least absolute deviations, a median (Koenker and Bassett 1978), and a cosine of cut steps."""
    moved = np.flatnonzero(other)
    moved = moved[:: len(moved) // MAX_SAMPLED + 1]
    with np.errstate(over="ignore"):
        ratios, sizes = own[moved] / other[moved], np.abs(other[moved])
    order = np.argsort(ratios)
    place = np.searchsorted(np.cumsum(sizes[order]), sizes.sum() / 2)
    steps = np.abs(own[own != 0])
    most = CLIP * float(np.median(steps)) if len(steps) else 0.0
    cut = np.clip(own, -most, most)
    norms = math.sqrt(float(cut @ cut) * float(other @ other))
    cosine = float(cut @ other) / norms if norms else 0.0
    return TensorDescent(projection=float(ratios[order[min(place, len(order) - 1)]]), cosine=cosine, weights=len(own))


def _alike(name: str, one: Weights, other: Weights) -> bool:
    return name in other.names() and one.shape(name) == other.shape(name)
