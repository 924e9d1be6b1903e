"""Look for hidden items in everything that an agent left, in five ways at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from posttrain_arena.core.audit.grams import WORD, Hashes, word_hashes, words
from posttrain_arena.core.audit.items import Item, Protected
from posttrain_arena.core.audit.near import NearIndex
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
    """An item in a file. ``share`` is of the item's runs of words, or the similarity; 1 for a syntax tree."""

    way: Way
    item: str
    hidden: bool
    path: str
    line: int
    share: float


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

    def look(self, passages: Iterable[Passage]) -> list[Match]:
        """Return the matches of all passages, at most MAX_MATCHES of one item in one way."""
        kept: dict[tuple[Way, str], list[Match]] = {}
        for passage in passages:
            for match in self.look_at(passage):
                found = kept.setdefault((match.way, match.item), [])
                if len(found) < MAX_MATCHES:
                    found.append(match)
        return [match for key in sorted(kept) for match in kept[key]]

    def look_at(self, passage: Passage) -> Iterator[Match]:
        """Yield the matches of one passage."""
        hashes = word_hashes(words(passage.text))
        for way, look, owned in self._word_ways:
            for found in look(hashes):
                yield self._match(way, owned[found.text][0], passage, _line(passage.text, found.word), found.share)
        for function in functions(passage.text) if self._trees else ():
            for item in self._trees.get(function.key, ()):
                yield self._match("syntax-tree", item, passage, function.line - 1, 1.0)

    def _match(self, way: Way, number: int, passage: Passage, lines: int, share: float) -> Match:
        return Match(
            way=way,
            item=self.items[number].id,
            hidden=number < self._hidden,
            path=passage.path,
            line=passage.line_at(lines),
            share=share,
        )


def _texts(owned: Owned) -> list[str]:
    return [text for _, text in owned]


def _tree_keys(items: Sequence[Item], public: Sequence[str]) -> dict[str, list[int]]:
    keys: dict[str, list[int]] = {}
    everybody = {function.key for text in public for function in functions(text)}
    for number, item in enumerate(items):
        for key in {function.key for function in _item_functions(item)} - everybody:
            keys.setdefault(key, []).append(number)
    return keys


def _item_functions(item: Item) -> Iterator[Function]:
    """Yield the functions of an item whose answers go on where its question ends, or stand alone."""
    for answer in item.answers or ("",):
        yield from functions(item.question + answer)
        yield from functions(answer)


def _line(text: str, word: int) -> int:
    """Return how many lines stand before a word."""
    for number, found in enumerate(WORD.finditer(text)):
        if number >= word:
            return text.count("\n", 0, found.start())
    return 0
