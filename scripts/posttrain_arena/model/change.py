"""A change: what was corrected, withdrawn or held back on the board after the fact, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

ChangeKind = Literal["correction", "withdrawal", "flag", "clearance", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``leaderboard/changes/<name>.json``, in the order of their names.

    ``run`` is None for a note alone; ``by`` is the run that a correction puts in its place, None for everything else.
    """

    SCHEMA: ClassVar[str] = "change"

    schema: Literal["change/1"] = "change/1"
    date: str
    kind: ChangeKind
    reason: str
    run: str | None = None
    by: str | None = None
