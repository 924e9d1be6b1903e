"""Draw the combinations of parameters that a family's packages are made of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from posttrain_arena.errors import UsageError
from posttrain_arena.model.family import Family
from posttrain_arena.model.seeds import derive_seed

Split = Literal["train", "held-out"]
Combination = dict[str, str]

_MISSES = 2000
"""Draws in a row without a new package after which a family counts as used up: with one of 128 combinations left
to find, so many miss it once in six million times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which of a family's packages are wanted: ``count`` from number ``first`` on, in the order of ``seed``."""

    split: Split
    count: int
    seed: int
    first: int = 0


def draw(family: Family, wanted: Draw) -> list[Combination]:
    """Return the combinations that are wanted.

    Any two differ in at least ``family.differ`` parameters. A combination belongs to one split for ever, whatever the
    seed, so that no package of one split can equal one of the other. Raises UsageError where there are too few.
    """
    rng = random.Random(derive_seed(wanted.seed, "family", family.name, wanted.split))  # noqa: S311 (not for secrets)
    drawn: list[Combination] = []
    misses, last = 0, wanted.first + wanted.count
    while len(drawn) < last and misses < _MISSES:
        values = {
            name: parameter.join.join(rng.sample(parameter.values, parameter.choose))
            for name, parameter in sorted(family.parameters.items())
        }
        fresh = _differs(values, drawn, family.differ) and _split_of(family.name, values) == wanted.split
        misses = 0 if fresh else misses + 1
        if fresh:
            drawn.append(values)
    if len(drawn) < last:
        what = f"family {family.name!r} gives only {len(drawn)} packages of split {wanted.split!r}, not {last}"
        raise UsageError(f"{what}: ask for fewer, or take more families")
    return drawn[wanted.first :]


def _differs(values: Combination, drawn: Sequence[Combination], least: int) -> bool:
    return all(sum(values[name] != other[name] for name in values) >= least for other in drawn)


def _split_of(name: str, values: Combination) -> Split:
    return "train" if derive_seed(0, "split", name, *values.values()) % 2 else "held-out"
