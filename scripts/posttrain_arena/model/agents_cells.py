"""A cell of the agents' board: one score of one run, on one base model and one benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fallback = Literal["model-not-submitted", "evaluation-failed", "audit-flagged", "no-run"]
"""Why a cell counts with the score of the untrained base model: no usable model was handed in, its evaluation did not
finish, the audit flagged the run, or there is no run at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """``raw`` is what was measured, if anything was; ``used`` is what counts. ``reason`` says why they differ.

    ``why`` is the word that others published in place of a number, where it is none that the arena knows.
    """

    raw: float | None
    used: float
    reason: Fallback | None = None
    why: str = ""
