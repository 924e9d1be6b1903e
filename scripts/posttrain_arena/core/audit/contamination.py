"""Look for hidden items in everything that an agent left, in five ways at once."""

from __future__ import annotations

import bisect
import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from posttrain_arena.core.audit.bounds import TooMuchError
from posttrain_arena.core.audit.grams import WORD, Hashes, grams, word_hashes, words
from posttrain_arena.core.audit.items import Item, Protected
from posttrain_arena.core.audit.near import SHINGLE, NearIndex
from posttrain_arena.core.audit.overlap import LEAST_GRAMS, LONG, SHORT, Found, GramIndex, WholeIndex
from posttrain_arena.core.audit.passages import Passage
from posttrain_arena.core.audit.syntax import Function, functions

Way = Literal["13-gram", "5-gram", "syntax-tree", "near-duplicate", "question"]
WAYS: tuple[Way, ...] = ("13-gram", "5-gram", "syntax-tree", "near-duplicate", "question")

MAX_MATCHES = 20
"""Matches that are kept of one way and one item: the first say enough."""

LEAST_ANSWER_WORDS = 30
"""Shorter answers are in other texts by chance; they are looked for together with their questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An item in a file. ``share`` is of the item's runs of words, or the similarity; 1 for a syntax tree.

    ``shape_only``: the syntax tree of a function without names or documentation, which others may have written.
    """

    way: Way
    item: str
    hidden: bool
    path: str
    line: int
    share: float
    shape_only: bool = False


Owned = list[tuple[int, str]]
"""Texts with the numbers of their items."""


class Contamination:
    """Hidden items and their controls, indexed; both are looked for in the same way."""

    def __init__(self, protected: Protected) -> None:
        """Index the items; raises nothing, an empty text is never found."""
        self.items = (*protected.hidden, *protected.control)
        self._hidden = len(protected.hidden)
        public = protected.public
        questions = [(number, item.question) for number, item in enumerate(self.items)]
        answers = [(number, text) for number, item in enumerate(self.items) for text in item.answers]
        joint = [(n, "\n".join((item.question, *item.answers[:1]))) for n, item in enumerate(self.items)]
        long_answers = [(number, text) for number, text in answers if len(words(text)) >= LEAST_ANSWER_WORDS]
        alone = GramIndex(_texts(questions), length=SHORT, public=public)
        short = [pair for pair in questions if alone.sizes[pair[0]] < LEAST_GRAMS]
        self._word_ways: tuple[tuple[Way, Callable[[Hashes], list[Found]], Owned], ...] = (
            (
                "13-gram",
                GramIndex(_texts(questions + answers), length=LONG, public=public).verbatim,
                questions + answers,
            ),
            (
                "5-gram",
                GramIndex(_texts(joint + long_answers), length=SHORT, public=public).contained,
                joint + long_answers,
            ),
            ("question", alone.contained, questions),
            ("question", WholeIndex(_texts(short), public=public).within, short),
            ("near-duplicate", NearIndex(_texts(joint + questions), public=public).similar, joint + questions),
        )
        self._trees = _tree_keys(self.items, public)
        texts = _texts(questions + answers + joint)
        self._shingles = {run for text in texts for run in grams(word_hashes(words(text)), SHINGLE).tolist()}
        """Every way needs one of them at least: most records of others have none, and are done with."""
        self.unparsed: set[str] = set()

    def look(self, passages: Iterable[Passage]) -> list[Match]:
        """Return the matches of all passages, at most MAX_MATCHES of one item in one way."""
        kept: dict[tuple[Way, str, bool], list[Match]] = {}
        for passage in passages:
            for match in self.look_at(passage):
                found = kept.setdefault((match.way, match.item, match.shape_only), [])
                if len(found) < MAX_MATCHES:
                    found.append(match)
        return [match for key in sorted(kept) for match in kept[key]]

    def look_at(self, passage: Passage) -> Iterator[Match]:
        """Yield the matches of one passage; where its functions are too many, its path gets into ``unparsed``."""
        hashes, lines = word_hashes(words(passage.text)), _Lines(passage)
        known = not self._shingles.isdisjoint(grams(hashes, SHINGLE).tolist())
        for way, look, owned in self._word_ways if known else ():
            for found in look(hashes):
                yield self._match(way, owned[found.text][0], lines.of_word(found.word), found.share)
        try:
            for function in functions(passage.text) if self._trees else ():
                for item in self._trees.get(function.key, ()):
                    match = self._match("syntax-tree", item, lines.at(function.line - 1), 1.0)
                    yield replace(match, shape_only=function.shape_only)
        except TooMuchError:
            self.unparsed.add(passage.path)

    def _match(self, way: Way, number: int, place: tuple[str, int], share: float) -> Match:
        path, line = place
        hidden = number < self._hidden
        return Match(way=way, item=self.items[number].id, hidden=hidden, path=path, line=line, share=share)


class _Lines:
    """The places in a passage, worked out where one is asked for."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def at(self, lines: int) -> tuple[str, int]:
        return self._passage.path, self._passage.line_at(lines)

    def of_word(self, word: int) -> tuple[str, int]:
        """Return the path and the line of a word, by its number."""
        starts = self._starts
        start = starts[min(word, len(starts) - 1)] if starts else 0
        return self.at(bisect.bisect_left(self._ends, start))

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [found.start() for found in WORD.finditer(self._passage.text)]

    @functools.cached_property
    def _ends(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self._passage.text)]


def _texts(owned: Owned) -> list[str]:
    return [text for _, text in owned]


def _tree_keys(items: Sequence[Item], public: Sequence[str]) -> dict[str, list[int]]:
    keys: dict[str, list[int]] = {}
    everybody = {function.key for text in public for function in _within_bounds(text)}
    for number, item in enumerate(items):
        for key in {function.key for function in _item_functions(item)} - everybody:
            keys.setdefault(key, []).append(number)
    return keys


def _item_functions(item: Item) -> Iterator[Function]:
    """Yield the functions of an item whose answers go on where its question ends, or stand alone."""
    for answer in item.answers or ("",):
        yield from _within_bounds(item.question + answer)
        yield from _within_bounds(answer)


def _within_bounds(text: str) -> Iterator[Function]:
    with contextlib.suppress(TooMuchError):
        yield from functions(text)
