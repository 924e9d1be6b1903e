"""Find packages that are one task twice: inside an entry, in another entry, or in the starting kit."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import Literal, get_args

from posttrain_arena.core.check.sketch import Sketch, hashes, similarity
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.shown import shown

NEAR_PROMPT = 0.8
"""Prompts this similar are one instruction in two wordings: of 100 words about five differ."""

NEAR_SOLUTION = 0.9
LIKE_PROMPT = 0.5
"""A solution that is nearly the same counts where the prompts are alike as well: short scripts are equal by chance."""

MAX_POSTINGS = 50
"""Packages kept per hash. More have it only in families of hundreds, where one neighbour is as good as another."""

MAX_NEIGHBOURS = 8
"""Packages that share the most hashes with one; the closest of them is named."""

LEAST_SHARED = 0.25
"""Of a prefix, which is a smaller sketch: at a similarity of 0.5 it is six standard errors from what is expected."""


Origin = Literal["sample", "example", "entry"]
"""Where a package lies, in the order in which the one to name is chosen."""

_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_OF_KIT = {
    "sample": (
        "public-sample-copy",
        "remove it: checkpoints are measured on the public sample, and may not be trained on it",
    ),
    "example": (
        "kit-example-copy",
        "write a task of your own: everybody has the examples of the starting kit, with their solutions",
    ),
}
"""The rule that a copy of a package of the kit breaks, and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A package that others may repeat: its path in messages, its entry's path, and its sketch."""

    path: str
    entry: str
    sketch: Sketch
    origin: Origin = "entry"


def duplicates_of(packages: Iterable[Known], among: Iterable[Known]) -> dict[str, Problem]:
    """Return for each package that repeats one of ``among`` the problem that names the closest; by path."""
    others = sorted(among, key=lambda known: known.path)
    wholes: dict[bytes, list[Known]] = defaultdict(list)
    for known in others:
        if len(wholes[known.sketch.whole]) < MAX_POSTINGS:
            wholes[known.sketch.whole].append(known)
    asked = list(packages)
    wanted = set(chain.from_iterable(map(_prefix, asked)))
    neighbours = _Neighbours([other for other in others if not wanted.isdisjoint(_prefix(other))])
    found: dict[str, Problem] = {}
    for package in asked:
        same = [other for other in wholes.get(package.sketch.whole, ()) if other.path != package.path]
        near = ((other, *likeness(package.sketch, other.sketch)) for other in ([] if same else neighbours.of(package)))
        alike = [(other, prompt) for other, prompt, solution in near if is_near(prompt, solution)]
        if same:
            found[package.path] = _problem(package, _first(package, same), None)
        elif alike:
            best = max(share for _, share in alike)
            found[package.path] = _problem(package, _first(package, [o for o, share in alike if share == best]), best)
    return found


def likeness(mine: Sketch, other: Sketch) -> tuple[float, float]:
    """Return how alike two prompts are, and, where they are somewhat alike, how alike the solutions are."""
    prompt = similarity(mine.prompt, other.prompt)
    return prompt, similarity(mine.solution, other.solution) if prompt >= LIKE_PROMPT else 0.0


def is_near(prompt: float, solution: float) -> bool:
    """Say whether packages that are so alike are nearly the same task."""
    return prompt >= NEAR_PROMPT or (prompt >= LIKE_PROMPT and solution >= NEAR_SOLUTION)


def _first(package: Known, others: list[Known]) -> Known:
    """Return the one to name: of the kit before the entry's own before another entry's."""
    return min(others, key=lambda other: (_ORIGINS.index(other.origin), other.entry != package.entry, other.path))


def _problem(package: Known, other: Known, share: float | None) -> Problem:
    place = shown(other.path, 200)
    what = (
        f"the same task as {place}" if share is None else f"nearly the same task as {place} ({share:.0%} of the prompt)"
    )
    if other.origin in _OF_KIT:
        rule, how = _OF_KIT[other.origin]
        return Problem(rule=rule, spot=Spot(path="task.md", what=what, how=how))
    if other.entry != package.entry:
        how = "contribute a task of your own; where the other entry copied yours, tell the organisers"
        return Problem(rule="copy-of-other-entry", spot=Spot(path="task.md", what=what, how=how))
    rule = "duplicate-task" if share is None else "near-duplicate"
    how = "remove one of the two" if share is None else "make them ask for different work, or keep one"
    return Problem(rule=rule, spot=Spot(path="task.md", what=what, how=how))


class _Neighbours:
    """Candidates by prefix filtering (Chaudhuri, Ganti and Kaushik, 2006).

    In any one order of all hashes, two sets of n that share at least t*n of them share one of their first
    n - ceil(t*n) + 1.
    """

    def __init__(self, others: list[Known]) -> None:
        self.others = others
        counts = Counter(chain.from_iterable(map(_prefix, others)))
        self.repeated = {value for value, count in counts.items() if count > 1}  # a package's own is always there
        self.postings: dict[int, list[int]] = defaultdict(list)
        for number, other in enumerate(others):
            for value in self.repeated.intersection(_prefix(other)):
                if len(posting := self.postings[value]) < MAX_POSTINGS:
                    posting.append(number)

    def of(self, package: Known) -> Iterator[Known]:
        shared: Counter[int] = Counter()
        prefix = _prefix(package)
        for value in self.repeated.intersection(prefix):
            shared.update(self.postings[value])
        close = [(number, count) for number, count in shared.items() if count >= LEAST_SHARED * len(prefix)]
        ranked = sorted(close, key=lambda item: (-item[1], item[0]))[: MAX_NEIGHBOURS + 1]
        found = (self.others[number] for number, _ in ranked)
        return (other for other in found if other.path != package.path)


def _prefix(known: Known) -> array[int]:
    values = hashes(known.sketch.prompt)
    return values[: len(values) - ceil(LIKE_PROMPT * len(values)) + 1]


def known_packages(sketches: Mapping[str, Sketch | None], *, origin: Origin = "entry") -> Iterator[Known]:
    """Yield those of the packages that have a sketch; an entry is the folder that holds a package's folder."""
    for path, sketch in sketches.items():
        if sketch is not None:
            yield Known(path=path, entry=path.rpartition("/")[0], sketch=sketch, origin=origin)
