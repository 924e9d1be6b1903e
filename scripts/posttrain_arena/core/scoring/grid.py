"""Differences as whole steps of a common grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

MAX_GRID = 20_000
"""Finer grids than 1/20000 (free-form graded rewards) are rounded to it: at most 0.0025 pp at either end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Each value is its number of ``steps`` over ``grid``; ``exact`` says that none was rounded."""

    steps: tuple[int, ...]
    grid: int
    exact: bool

    @property
    def row(self) -> NDArray[np.int64]:
        """Return the steps as a batch of one row."""
        return np.array([self.steps], dtype=np.int64)


def on_grid(values: Sequence[Fraction]) -> Steps:
    """Return ``values`` on 1/lcm of their denominators: for passes and fails a divisor of the lcm of the trials."""
    grid = math.lcm(*(value.denominator for value in values))
    if grid <= MAX_GRID:
        whole = tuple(value.numerator * (grid // value.denominator) for value in values)
        return Steps(steps=whole, grid=grid, exact=True)
    return Steps(steps=tuple(round(value * MAX_GRID) for value in values), grid=MAX_GRID, exact=False)
