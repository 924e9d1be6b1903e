"""Hold a number against the published one, within what that was rounded to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

EXACT = 1e-9
DIGITS = 9
"""A published number with as many decimals is taken as exact, to EXACT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One number, or word, that follows from the grids, and the published one; ``kind`` says what was compared."""

    kind: str
    where: str
    ours: float | str
    published: float | str
    within: float = EXACT

    @property
    def deviation(self) -> float:
        """Return how far apart they are: of words 0 for the same, else infinite."""
        if isinstance(self.ours, str) or isinstance(self.published, str):
            return 0.0 if self.ours == self.published else math.inf
        return abs(self.ours - self.published)

    @property
    def holds(self) -> bool:
        """Say whether they are the same within the rounding."""
        return self.deviation <= self.within


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncompared:
    """Something published that was not compared, or that follows and nothing is published of, and the reason."""

    what: str
    why: str


Finding = Check | Uncompared


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """All checks of one kind within the same rounding: how many, the largest deviation and where it is."""

    kind: str
    within: float
    count: int
    deviation: float
    where: str
    failed: int


def summary(checks: Iterable[Check]) -> tuple[Compared, ...]:
    """Return the checks by kind and rounding, in the order in which they come."""
    groups: dict[tuple[str, float], list[Check]] = {}
    for check in checks:
        groups.setdefault((check.kind, check.within), []).append(check)
    return tuple(_compared(kind, within, group) for (kind, within), group in groups.items())


def half_unit(decimals: int) -> float:
    """Return half a unit of the last of so many decimals, EXACT where there are many."""
    return EXACT if decimals >= DIGITS else 0.5 * 10.0**-decimals + EXACT


def rounding(texts: Iterable[str]) -> float:
    """Return the rounding of numbers that were written alike: that of the one with the most decimals."""
    return half_unit(max((_decimals(text) for text in texts), default=DIGITS))


def numbers(texts: Iterable[str]) -> Iterator[str]:
    """Return those of the texts that are numbers."""
    for text in texts:
        try:
            float(text)
        except ValueError:
            continue
        yield text


def _decimals(text: str) -> int:
    return DIGITS if "e" in text.lower() else len(text.strip().partition(".")[2])


def _compared(kind: str, within: float, group: list[Check]) -> Compared:
    worst = max(group, key=lambda check: check.deviation)
    failed = sum(not check.holds for check in group)
    return Compared(
        kind=kind, within=within, count=len(group), deviation=worst.deviation, where=worst.where, failed=failed
    )
