"""Split shell text into its simple commands: enough to say what is run, not a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_TOKENS = 20_000
"""Scripts are far shorter; what comes after is not looked at."""

_TOKEN = re.compile(
    r"""(?sx)
    (?P<blank>[ \t\r]+|\\\n)
    | (?P<comment>\#[^\n]*)
    | (?P<heredoc><<-?[ \t]*(?P<quote>["']?)(?P<end>\w+)(?P=quote))
    | (?P<operator>\n|&&|\|\||[;|&()])
    | (?P<word>(?:[^\s"'\\;&|()<>$]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^()]*\)|["'\\$]|[0-9]?[<>]+&?-?)+)
    | .
    """
)
_SKIPPED = frozenset(
    "if then elif else do while until ! time exec sudo env nohup command builtin { } fi done".split()  # noqa: SIM905
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``words`` start with what is run, quotes taken off; ``piped`` where it reads another command's output."""

    at: int
    words: tuple[str, ...]
    piped: bool = False


def simple_commands(text: str) -> Iterator[Command]:
    """Yield the simple commands with their position in ``text``; the bodies of here-documents are left out."""
    words: list[str] = []
    ends: list[str] = []
    start, position, piped = 0, 0, False
    for _ in range(MAX_TOKENS):
        found = _TOKEN.match(text, position)
        if found is None:
            break
        position = found.end()
        if found.lastgroup == "word":
            start = start if words else found.start()
            words.append(found["word"])
        elif found["heredoc"]:
            ends.append(found["end"])
        elif found["operator"]:
            yield from _command(start, words, piped)
            words, piped = [], found["operator"] == "|"
            if found["operator"] == "\n":
                for end in ends:
                    position = _after_body(text, position, end)
                ends = []
    yield from _command(start, words, piped)


def _command(at: int, words: list[str], piped: bool) -> Iterator[Command]:
    plain = [_plain(word) for word in words]
    while plain and (plain[0] in _SKIPPED or _ASSIGNMENT.match(plain[0])):
        plain = plain[1:]
    if plain:
        yield Command(at=at, words=tuple(plain), piped=piped)


def _plain(word: str) -> str:
    return word.replace('"', "").replace("'", "")


def _after_body(text: str, position: int, end: str) -> int:
    found = re.compile(rf"^\t*{re.escape(end)}$", re.MULTILINE).search(text, position)
    return found.end() if found else len(text)
