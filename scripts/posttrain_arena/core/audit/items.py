"""What must not have been trained on: the items of a hidden split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: what is asked, and every text that tells the answer (solution, rubric, tests).

    ``key`` is the short answer, where the benchmark has one.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    key: str = ""

    @property
    def answer(self) -> str:
        """Return all that tells the answer."""
        return "\n".join(self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """The hidden items; ``public`` are texts that everybody was given, such as the dev split and the task's prompt.

    ``control`` are items of the same kind that nobody was ever given: what looks like them was not leaked. A benchmark
    that makes its items by a program has such items, a published one has none.
    """

    hidden: Sequence[Item]
    public: Sequence[str] = ()
    control: Sequence[Item] = ()
