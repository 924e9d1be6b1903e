"""Find texts that are nearly contained in others: by shingles of five words, comments and letter case left out."""

from __future__ import annotations

import re

SHINGLE_TOKENS = 5
LEAST_SHINGLES = 20
"""Of the secret. Shorter scripts are alike by chance."""

CONTAINED = 0.6
"""The share of a secret's shingles that makes another text a copy of it with changes."""

MAX_NEAR_BYTES = 1_000_000
SAMPLED = 16
LONG_TEXT_CHARS = 2_000
"""In longer texts the longest words of a secret are looked for first: most hold few, and need no closer look."""

LEAST_LINE_CHARS = 12
SAMPLED_LINES = 32
"""Of a secret's lines; where most of its shingles stand in a text, one of these does."""

_COMMENT = re.compile(r"(?m)(?:^|[ \t])(?:#|//)[^\n]*$|<!--|-->")
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|[-+*/%=<>!&|^]+|[()\[\]{}]")
_NAME = re.compile(r"[A-Za-z]{7,}")


class Secret:
    """A text that must not be found elsewhere; what is worked out of it is worked out when it is asked for."""

    __slots__ = ("_lines", "_shingles", "_words", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self._shingles: frozenset[tuple[str, ...]] | None = None
        self._lines: list[str] | None = None
        self._words: list[str] | None = None

    def shares_words(self, lowered: str) -> bool:
        """Say whether a text in lower case holds enough of the longest words to be worth a closer look."""
        if self._words is None:
            names = {word.lower() for word in _NAME.findall(self.text)}
            self._words = sorted(names, key=lambda word: (-len(word), word))[:SAMPLED]
        missed = 0
        for word in self._words:
            missed += word not in lowered
            if missed > len(self._words) // 2:
                return False
        return bool(self._words)

    def shares_a_line(self, squeezed: str) -> bool:
        """Say whether a text in lower case without white space holds one of the lines that are looked for."""
        if self._lines is None:
            lines = [line for line in self.text.split("\n") if len(line) >= LEAST_LINE_CHARS]
            told = lines[:: max(1, len(lines) // SAMPLED_LINES)]
            plain = ("".join(line.partition(" #")[0].lower().split()) for line in told)
            self._lines = [line for line in plain if len(line) >= LEAST_LINE_CHARS and line[0] not in "#/"]
        return any(line in squeezed for line in self._lines)

    def contained_in(self, others: frozenset[tuple[str, ...]]) -> float:
        """Return the share of the shingles that are among others; 0.0 where there are too few to tell."""
        if self._shingles is None:
            self._shingles = shingles(self.text)
        mine = self._shingles
        return len(mine & others) / len(mine) if len(mine) >= LEAST_SHINGLES else 0.0


def without_comments(text: str) -> str:
    """Return a text without the comments of shell, Python and C; a ``#`` inside a word stays."""
    return _COMMENT.sub("", text)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return every run of SHINGLE_TOKENS neighbouring tokens of a text."""
    tokens = _TOKEN.findall(without_comments(text).lower())
    return frozenset(zip(*(tokens[start:] for start in range(SHINGLE_TOKENS)), strict=False))
