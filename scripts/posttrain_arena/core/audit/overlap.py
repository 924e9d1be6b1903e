"""Find the runs of words that hidden items and passages have in common.

A run of 13 words that only few items have is a copy; a share of 0.3 of an item's runs of five words, in a place not
much longer than the item, is a copy that was edited. Questions are compared alone too: with the answers joined to
them, a copy of the questions of a benchmark with long answers has a small share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.audit.grams import Hashes, grams, word_hashes, words

LONG = 13
SHORT = 5
CONTAINED = 0.3
LEAST_GRAMS = 4
"""Runs of five words that a text must have of its own to be judged by their share."""

LEAST_WORDS = 4
"""Words of a question that is looked for as a whole."""

COMMON_ITEMS = 5
"""A run of words that more items share belongs to the benchmark's form, not to an item."""

COMMON_SHARE = 0.02
"""The same as a share of all items, for large benchmarks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The text with number ``text`` lies at ``word`` of the passage; ``share`` is that of its runs of words."""

    text: int
    word: int
    share: float
    length: int


class GramIndex:
    """The runs of words of some texts, without those that are common or public."""

    def __init__(self, texts: Sequence[str], *, length: int, public: Iterable[str] = ()) -> None:
        """Index ``texts``; ``length`` is LONG or SHORT."""
        self.length = length
        per_text = [telling_grams(text, length) for text in texts]
        counts = Counter(gram for found in per_text for gram in set(found.tolist()))
        most = most_items(len(texts))
        everybody = {gram for text in public for gram in grams(word_hashes(words(text)), length).tolist()}
        kept = [
            {gram for gram in found.tolist() if counts[gram] <= most and gram not in everybody} for found in per_text
        ]
        self.sizes = [len(found) for found in kept]
        pairs = sorted((gram, text) for text, found in enumerate(kept) for gram in found)
        self._grams: Hashes = np.array([gram for gram, _ in pairs], np.uint64)
        self._texts: NDArray[np.int64] = np.array([text for _, text in pairs], np.int64)

    def hits(self, hashes: Hashes) -> dict[int, list[tuple[int, int]]]:
        """Return text → (word, run of words) of everything that a passage shares, in order."""
        found = grams(hashes, self.length)
        if not len(found) or not len(self._grams):
            return {}
        low, high = np.searchsorted(self._grams, found, "left"), np.searchsorted(self._grams, found, "right")
        hits: dict[int, list[tuple[int, int]]] = {}
        for word in np.flatnonzero(high > low).tolist():
            for text in self._texts[low[word] : high[word]].tolist():
                hits.setdefault(text, []).append((word, int(found[word])))
        return hits

    def verbatim(self, hashes: Hashes) -> list[Found]:
        """Return the texts of which the passage has one run of words."""
        return [
            Found(text=text, word=hits[0][0], share=len({g for _, g in hits}) / self.sizes[text], length=self.length)
            for text, hits in self.hits(hashes).items()
        ]

    def contained(self, hashes: Hashes) -> list[Found]:
        """Return the texts of which one place of the passage holds at least CONTAINED of the runs of words."""
        found = []
        for text, hits in self.hits(hashes).items():
            size = self.sizes[text]
            if size < LEAST_GRAMS or len(hits) < CONTAINED * size:
                continue
            word, most = densest(hits, 2 * size + 20)
            if most >= CONTAINED * size:
                found.append(Found(text=text, word=word, share=most / size, length=self.length))
        return found


def telling_grams(text: str, length: int) -> Hashes:
    """Return the runs of words of a text that hold a word with letters for every four: counting to 13 is no copy."""
    found = words(text)
    runs = grams(word_hashes(found), length)
    letters = np.concatenate([[0], np.cumsum([not word.isdigit() for word in found])])
    return runs[(letters[length:] - letters[:-length])[: len(runs)] >= length // 4] if len(runs) else runs


def most_items(texts: int) -> float:
    """Return how many of so many texts may share a run of words that is still told apart from their form."""
    return max(COMMON_ITEMS, COMMON_SHARE * texts)


def densest(hits: Sequence[tuple[int, int]], width: int) -> tuple[int, int]:
    """Return (first word, distinct runs) of the window of ``width`` words that has the most distinct runs."""
    inside: Counter[int] = Counter()
    start, best = 0, (0, 0)
    for word, gram in hits:
        inside[gram] += 1
        while word - hits[start][0] >= width:
            gone = hits[start][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            start += 1
        if len(inside) > best[1]:
            best = (hits[start][0], len(inside))
    return best


class WholeIndex:
    """Whole texts that are too short for shares: a question of nine words, eight of which all questions have."""

    def __init__(self, texts: Sequence[str], *, public: Sequence[str] = ()) -> None:
        """Index ``texts``; those under LEAST_WORDS words and public ones are never found."""
        self._by_length: dict[int, dict[int, list[int]]] = {}
        given = [" ".join(words(text)) for text in public]
        for number, text in enumerate(texts):
            found = words(text)
            if len(found) >= LEAST_WORDS and not any(" ".join(found) in text for text in given):
                (gram,) = grams(word_hashes(found), len(found)).tolist()
                self._by_length.setdefault(len(found), {}).setdefault(gram, []).append(number)

    def within(self, hashes: Hashes) -> list[Found]:
        """Return the texts that lie in the passage, word for word."""
        return [
            Found(text=number, word=int(word), share=1.0, length=length)
            for length, known in self._by_length.items()
            for gram, word in zip(*np.unique(grams(hashes, length), return_index=True), strict=True)
            for number in known.get(int(gram), ())
        ]
