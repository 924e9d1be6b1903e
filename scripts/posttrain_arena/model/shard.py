"""A shard: one of several parts of a list that different machines work on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from posttrain_arena.errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Part ``index``, from 1, of ``count``."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``2/4``, the second of four; raises UsageError for anything else."""
        match = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
        if match is None or int(match[1]) > int(match[2]):
            raise UsageError(f"{text!r} is no shard: write its number and how many there are, as in 2/4")
        return cls(index=int(match[1]), count=int(match[2]))

    @classmethod
    def of_machine(cls, environment: Mapping[str, str]) -> Shard | None:
        """Return the part of one of several machines that SkyPilot started for a task; None where there is but one."""
        count = int(environment.get("SKYPILOT_NUM_NODES", "1"))
        return None if count == 1 else cls(index=1 + int(environment["SKYPILOT_NODE_RANK"]), count=count)

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return this shard's items: every item is in exactly one."""
        return items[self.index - 1 :: self.count]

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"
