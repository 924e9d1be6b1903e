"""A spot: a place in a package and what is wrong there, before a rule puts its name to it."""

from __future__ import annotations

from dataclasses import dataclass

MAX_FINDINGS_PER_RULE = 50
"""Per package. No author mends more at once, and a hostile package must not flood the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """``path`` is relative to the package, with forward slashes.

    ``line`` and ``column`` count from 1, columns in characters; None is the whole file, or the whole line.
    """

    path: str
    line: int | None = None
    column: int | None = None
    what: str
    how: str


def spot_at(path: str, place: tuple[int, int], *, what: str, how: str) -> Spot:
    """Return the spot at a place, which is a line and a column."""
    return Spot(path=path, line=place[0], column=place[1], what=what, how=how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What reading found: the id of the rule that speaks about it, and where."""

    rule: str
    spot: Spot
