"""What a rule is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from posttrain_arena.core.check.draft import Draft
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.finding import Severity

Judge = Callable[[Draft, Competition], Iterable[Spot]]

_PARTS = re.compile(r"\b(Why|How|Example):\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a rule asks for, why, how to follow it, and an example in Markdown."""

    what: str
    why: str
    how: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``id`` is never reused. ``judge`` is None where reading itself finds the fault.

    ``text`` holds the four parts of About; ``deep`` rules run from level structural on. ``hides``: a file that breaks
    the rule cannot be read as a whole, so that other rules keep silent about it.
    """

    id: str
    severity: Severity
    text: str
    judge: Judge | None = None
    deep: bool = False
    hides: bool = False

    def about(self) -> About:
        """Return the parts of the text; raises KeyError where one is missing."""
        first, *rest = _PARTS.split(inspect.cleandoc(self.text))
        parts = {name: " ".join(words.split()) for name, words in zip(rest[::2], rest[1::2], strict=True)}
        return About(what=" ".join(first.split()), why=parts["Why"], how=parts["How"], example=parts["Example"])


def told(id: str, severity: Severity, text: str, *, hides: bool = False) -> Rule:
    """Return a rule whose faults reading finds."""
    return Rule(id=id, severity=severity, text=text, hides=hides)


def judged(id: str, severity: Severity, judge: Judge, *, deep: bool = False, hides: bool = False) -> Rule:
    """Return a rule that a function judges; the function's docstring is its text."""
    return Rule(id=id, severity=severity, text=judge.__doc__ or "", judge=judge, deep=deep, hides=hides)
