"""A reward: the number that a verifier wrote for one trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """The content of ``reward.json``; further keys are the author's own and not kept."""

    SCHEMA: ClassVar[str] = "reward"

    reward: float
