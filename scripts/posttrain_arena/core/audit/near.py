"""Find near duplicates by MinHash (Broder, "On the resemblance and containment of documents", 1997).

Of all runs of three words of a text the smallest value of each of 128 hash functions is kept; the share of equal values
estimates the Jaccard similarity J of two texts with a standard error of sqrt(J(1-J)/128). Candidates share a band of
four values: at J = 0.5 that misses one pair in eight, at 0.7 one in ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from posttrain_arena.core.audit.grams import Hashes, grams, word_hashes, words
from posttrain_arena.core.audit.overlap import Found, most_items

SHINGLE = 3
VALUES = 128
BAND = 4
SIMILAR = 0.5
LEAST_WINDOW = 48
"""Words of the parts in which a long passage is looked at, at least."""

LEAST_SHINGLES = 10
"""Texts with fewer are alike by chance."""

_RANDOM = np.random.default_rng(20_260_322)
_FACTORS: Hashes = _RANDOM.integers(0, 2**63, VALUES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_SHIFTS: Hashes = _RANDOM.integers(0, 2**63, VALUES, dtype=np.uint64)


class NearIndex:
    """The signatures of some texts; runs of words that are common or public are left out, of passages too."""

    def __init__(self, texts: Sequence[str], *, public: Iterable[str] = ()) -> None:
        """Index ``texts``; one that is too short, or has too little of its own, is never found."""
        self._lengths = [len(words(text)) for text in texts]
        self._common = _common(texts, public)
        self._signatures: dict[int, Hashes] = {}
        self._bands: dict[tuple[int, bytes], list[int]] = {}
        for number, text in enumerate(texts):
            signature = signature_of(_shingles(text), self._common)
            if signature is not None:
                self._signatures[number] = signature
                for band in _bands(signature):
                    self._bands.setdefault(band, []).append(number)
        self._width = max(int(np.median(self._lengths)), LEAST_WINDOW) if self._lengths else LEAST_WINDOW
        own = [_shingles(texts[number]) for number in self._signatures]
        self._own = np.setdiff1d(np.concatenate(own), self._common) if own else np.empty(0, np.uint64)

    def similar(self, hashes: Hashes) -> list[Found]:
        """Return the texts that a passage, or a part of it as long as most texts, is nearly the same as."""
        best: dict[int, Found] = {}
        shingles = grams(hashes, SHINGLE)
        for start, end in self._parts(shingles):
            signature = signature_of(shingles[start:end], self._common)
            if signature is None:
                continue
            for text in {text for band in _bands(signature) for text in self._bands.get(band, ())}:
                share = float(np.mean(signature == self._signatures[text]))
                if share >= SIMILAR and (text not in best or share > best[text].share):
                    best[text] = Found(text=text, word=start, share=share, length=SHINGLE)
        return [best[text] for text in sorted(best)]

    def _parts(self, shingles: Hashes) -> Iterator[tuple[int, int]]:
        """Yield the (start, end) of what may be alike: the rest has hardly a run of words of any text."""
        known = np.concatenate([[0], np.cumsum(np.isin(shingles, self._own))])
        if known[-1] < LEAST_SHINGLES // 2:
            return
        yield 0, len(shingles)
        if len(shingles) > 2 * self._width:
            starts = np.arange(0, len(shingles), self._width // 2)
            ends = np.minimum(starts + self._width, len(shingles))
            enough = known[ends] - known[starts] >= LEAST_SHINGLES // 2
            yield from zip(starts[enough].tolist(), ends[enough].tolist(), strict=True)


def signature_of(shingles: Hashes, common: Hashes) -> Hashes | None:
    """Return the signature of the runs of words of a text, None where it has too few of its own."""
    found = np.setdiff1d(shingles, common)
    if len(found) < LEAST_SHINGLES:
        return None
    smallest: Hashes = ((found[:, None] * _FACTORS + _SHIFTS) >> np.uint64(16)).min(axis=0)
    return smallest


def _shingles(text: str) -> Hashes:
    return grams(word_hashes(words(text)), SHINGLE)


def _common(texts: Sequence[str], public: Iterable[str]) -> Hashes:
    counts = Counter(gram for text in texts for gram in set(_shingles(text).tolist()))
    found = {gram for gram, count in counts.items() if count > most_items(len(texts))}
    found.update(gram for text in public for gram in _shingles(text).tolist())
    return np.array(sorted(found), np.uint64)


def _bands(signature: Hashes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, VALUES, BAND):
        yield start, signature[start : start + BAND].tobytes()
