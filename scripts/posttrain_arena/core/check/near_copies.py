"""Find texts that are nearly contained in others: by shingles of five words, comments and letter case left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHINGLE_TOKENS = 5
LEAST_SHINGLES = 20
"""Of the secret. Shorter scripts are alike by chance."""

CONTAINED = 0.6
"""The share of a secret's shingles that makes another text a copy of it with changes."""

MAX_NEAR_BYTES = 1_000_000
SAMPLED = 16
"""Words of a secret that are looked for first: most texts hold few of them, and need no closer look."""

_COMMENT = re.compile(r"(?m)(?:^|[ \t])(?:#|//)[^\n]*$|<!--|-->")
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|[-+*/%=<>!&|^]+|[()\[\]{}]")
_NAME = re.compile(r"[a-z]{4,}")


class Secret:
    """A text that must not be found elsewhere; ``shingles`` is empty where it is too short to tell."""

    __slots__ = ("name", "sample", "shingles", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.shingles = shingles(text)
        names = sorted({found[0] for found in _NAME.finditer(without_comments(text).lower())})
        self.sample = names[:: max(1, len(names) // SAMPLED)][:SAMPLED]
        if len(self.shingles) < LEAST_SHINGLES:
            self.shingles = frozenset()

    def may_be_in(self, lowered: str) -> bool:
        """Say whether a closer look at a text in lower case is worth it."""
        missed = 0
        for word in self.sample:
            missed += word not in lowered
            if missed > len(self.sample) // 2:
                return False
        return bool(self.sample)

    def contained_in(self, others: Iterable[tuple[str, ...]]) -> float:
        """Return the share of the shingles that are among others."""
        return len(self.shingles & set(others)) / len(self.shingles)


def without_comments(text: str) -> str:
    """Return a text without the comments of shell, Python and C; a ``#`` inside a word stays."""
    return _COMMENT.sub("", text)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return every run of SHINGLE_TOKENS neighbouring tokens of a text."""
    tokens = _TOKEN.findall(without_comments(text).lower())
    return frozenset(zip(*(tokens[start:] for start in range(SHINGLE_TOKENS)), strict=False))
