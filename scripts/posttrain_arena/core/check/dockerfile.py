"""Read the instructions of a Dockerfile, each with the line it starts on, as Docker's own parser splits them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

INSTRUCTIONS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN "  # noqa: SIM905 (a list takes a line per word)
    "SHELL STOPSIGNAL USER VOLUME WORKDIR".split()
)
_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S+)\s*")
_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)")
_SPACED_HEREDOC = re.compile(r"\d*<<(-?) ([\"']?\w+[\"']?)")
_RAW_WORD = re.compile(r"(?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\"'\\])+")
_FLAGS = re.compile(r"(?:--\S*(?:\s+|$))+")
_OF_HEREDOCS = ("RUN", "COPY", "ADD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heredoc:
    """A here-document: the word that ends it, the line its body starts on, the line of that word, and the body."""

    word: str
    line: int
    end: int
    body: str
    closed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """``name`` in upper case; ``rest`` is everything after it, continuation lines joined.

    ``lines`` has for each continuation line where in ``rest`` it starts and its number in the file.
    """

    line: int
    name: str
    rest: str
    heredocs: tuple[Heredoc, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()

    def flags(self) -> dict[str, str]:
        """Return the ``--flag=value`` words before the arguments; of several the last."""
        words = self.rest.split()
        taken = words[: next((at for at, word in enumerate(words) if not word.startswith("--")), len(words))]
        return {word[2:].partition("=")[0]: word.partition("=")[2] for word in taken}

    def arguments(self) -> str:
        """Return what follows the flags."""
        found = _FLAGS.match(self.rest)
        return self.rest[found.end() :] if found else self.rest

    def json_form(self) -> list[str] | None:
        """Return the words of the JSON form, None where the arguments are not in it."""
        text = self.arguments()
        if not text.startswith("["):
            return None
        try:
            words = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None

    def words(self) -> list[str]:
        """Return the arguments split as Docker splits paths: at blanks, or as the JSON form says."""
        listed = self.json_form()
        return self.arguments().split() if listed is None else listed

    def command(self) -> str:
        """Return what a shell runs in a RUN."""
        listed = self.json_form()
        text = " ".join(listed) if listed is not None else self.arguments()
        whole = self.heredocs and re.match(r"(?:(?:/bin/)?(?:ba)?sh\b[^|;&]*)?<<", text)
        return "\n".join(heredoc.body for heredoc in self.heredocs) if whole else text

    def line_at(self, position: int) -> int:
        """Return the file's line of a position in ``rest``."""
        return max((line for start, line in self.lines if start <= position), default=self.line)

    def copied(self) -> tuple[str, ...]:
        """Return the sources that a COPY or ADD takes from the build context, variables not replaced."""
        if "from" in self.flags():
            return ()
        return tuple(word for word in self.words()[:-1] if not re.match(r"<<|[a-z]+://|git@", word))


@lru_cache(maxsize=4)
def read_dockerfile(text: str) -> tuple[Instruction, ...]:
    """Return the instructions in order, without comments."""
    return tuple(_Reader(text).instructions())


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0
        self.escape = _escape(self.lines)
        self.goes_on = re.compile(rf"(?<!{re.escape(self.escape)}){re.escape(self.escape)}[ \t]*$")

    def instructions(self) -> Iterator[Instruction]:
        while self.at < len(self.lines):
            start, text = self.at + 1, self.lines[self.at].strip()
            if not text or text.startswith("#"):
                self.at += 1
                continue
            yield self._instruction(start)

    def _instruction(self, start: int) -> Instruction:
        parts, numbers = self._logical_line()
        name, _, first = parts[0].partition(" ") if " " in parts[0] else parts[0].partition("\t")
        parts[0] = first.strip()
        rest, starts = "", []
        for part, number in zip(parts, numbers, strict=True):
            starts.append((len(rest) + 1 if rest else 0, number))
            rest += (" " if rest and part else "") + part
        upper = name.upper()
        heredocs = tuple(self._heredocs(rest)) if upper in _OF_HEREDOCS and "<<" in rest else ()
        return Instruction(line=start, name=upper, rest=rest, heredocs=heredocs, lines=tuple(starts))

    def _logical_line(self) -> tuple[list[str], list[int]]:
        parts: list[str] = []
        numbers: list[int] = []
        while self.at < len(self.lines):
            line, number = self.lines[self.at], self.at + 1
            self.at += 1
            if parts and (not line.strip() or line.lstrip().startswith("#")):
                continue
            found = self.goes_on.search(line) if line.rstrip().endswith(self.escape) else None
            parts.append((line[: found.start()] if found else line).strip())
            numbers.append(number)
            if not found:
                break
        return parts, numbers

    def _heredocs(self, rest: str) -> Iterator[Heredoc]:
        before = ""
        for word in _RAW_WORD.findall(rest):
            found = _HEREDOC.fullmatch(word) or _SPACED_HEREDOC.fullmatch(f"{before} {word}")
            if found:
                heredoc = self._body(found[2].replace('"', "").replace("'", ""), chomp=bool(found[1]))
                if heredoc.closed or " " not in found[0]:  # "1 << n" is no here-document
                    self.at = heredoc.end
                    yield heredoc
            before = word

    def _body(self, word: str, *, chomp: bool) -> Heredoc:
        start = self.at
        for number in range(start, len(self.lines)):
            line = self.lines[number]
            if (line.lstrip("\t") if chomp else line) == word:
                return Heredoc(word=word, line=start + 1, end=number + 1, body="\n".join(self.lines[start:number]))
        return Heredoc(word=word, line=start + 1, end=len(self.lines), body="\n".join(self.lines[start:]), closed=False)


def _escape(lines: list[str]) -> str:
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found:
            break
        if found[1].lower() == "escape" and found[2] in ("`", "\\"):
            return found[2]
    return "\\"
