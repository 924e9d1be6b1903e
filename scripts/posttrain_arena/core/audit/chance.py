"""Decide whether matches are more than what honest work gives."""

from __future__ import annotations

from scipy.stats import binom, hypergeom

LEAST_MATCHES = 2
LEAST_SHARE = 0.01
"""Hidden items that must be found before a run is flagged: one item in common with the world is no leak."""

LEAST_SHAPES = 5
LEAST_SHAPE_SHARE = 0.05
"""The same for functions that are told by their shape alone: a textbook has a few of any benchmark's."""

RARE = 1e-4
"""How often an honest run may look as bad by chance, for one detector."""


def leaked(hidden: tuple[int, int], control: tuple[int, int], *, by_shape: bool = False) -> bool:
    """Say whether hidden items were found oftener than their controls; both are (found, all).

    Without controls every match counts. With them it is Fisher's exact test, one-sided, at RARE. ``by_shape``: the
    matches are functions without names or documentation, of which more are needed.
    """
    found, total = hidden
    least, share = (LEAST_SHAPES, LEAST_SHAPE_SHARE) if by_shape else (LEAST_MATCHES, LEAST_SHARE)
    if found < max(least, share * total):
        return False
    return not control[1] or more_than_control(hidden, control) < RARE


def more_than_control(hidden: tuple[int, int], control: tuple[int, int]) -> float:
    """Return the chance of at least so many hidden matches among all matches, if both are found alike."""
    found, total = hidden
    return float(hypergeom.sf(found - 1, total + control[1], total, found + control[0]))


def coincidence(rate: float, items: int) -> float:
    """Return how often two runs of equal skill get the same number of ``items`` right: sum of pmf squared."""
    pmf = binom.pmf(range(items + 1), items, rate)
    return float((pmf * pmf).sum())
