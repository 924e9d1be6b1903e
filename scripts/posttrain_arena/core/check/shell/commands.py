"""Read the simple commands of a shell script: assignments, words and redirections."""

from __future__ import annotations

import re
from abc import abstractmethod

from posttrain_arena.core.check.shell.tree import Heredoc, Node, Part, Redirect, Simple, Word
from posttrain_arena.core.check.shell.words import WordReader

_REDIRECT = re.compile(r"(\d*|\{\w+\})(<<<|<<-|<<|<>|<&|>&|>>|>\||&>>|&>|<(?!\()|>(?!\())")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_KEYWORD = re.compile(r"[^\s'\"\\$`;&|()<>]+(?=[\s;&|()<>]|$)")
_CONDITION_SIGN = re.compile(r"&&|\|\||[<>()]")
_PATTERN = re.compile(r"(?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*')+")
_SIGN = re.compile(r"[;&|<>()]{1,2}|\S+")


class SimpleReader(WordReader):
    """Reads simple commands; ``function`` reads what follows the name and brackets of a function."""

    @abstractmethod
    def function(self, line: int, name: str) -> Node:
        """Read the body of a function; the grammar does it."""

    def next(self) -> bool:
        """Go to the next thing that is no blank, comment or end of a line."""
        self.skip_blanks()
        while self.text.startswith("\n", self.at):
            self.newline()
            self.skip_blanks()
        return self.at < len(self.text)

    def keyword(self) -> str:
        """Return the unquoted word that stands here, "" where there is none; the place stays."""
        found = _KEYWORD.match(self.text, self.at)
        return found[0] if found else ""

    def sign(self) -> str:
        """Return the first letters of what stands here, for a message."""
        found = _SIGN.match(self.text, self.at)
        return found[0][:20] if found else ""

    def simple(self, line: int) -> Node:
        """Read a simple command, or a function that starts like one."""
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self.skip_blanks()
            if found := _REDIRECT.match(self.text, self.at):
                redirects.append(self._redirect(found))
                continue
            if len(words) == 1 and self.text.startswith("(", self.at) and words[0].bare():
                return self._short_function(line, words[0].bare())
            word = self.word()
            if word is None:
                break
            if not words and (name := assigned(word)):
                assignments.append((name, assigned_value(word)))
                continue
            words.append(word)
            if words[0].bare() == "[[":
                words.extend(self._condition(line))
                break
        if not words and not assignments and not redirects:
            raise self.fail(f"'{self.sign()}' stands where a command is expected", certain=False)
        return Simple(line, tuple(assignments), tuple(words), (*redirects, *self.redirects()))

    def _short_function(self, line: int, name: str) -> Node:
        self.at += 1
        self.skip_blanks()
        if not self.text.startswith(")", self.at):
            raise self.fail(f"')' is missing after '{name[:40]}('", certain=False)
        self.at += 1
        return self.function(line, name)

    def _condition(self, line: int) -> list[Word]:
        """Read the words of ``[[ … ]]`` up to its end, operators as words of their own."""
        words: list[Word] = []
        while self.next():
            pattern = _PATTERN if words and words[-1].bare() == "=~" else _CONDITION_SIGN
            if found := pattern.match(self.text, self.at):
                self.at = found.end()
                words.append(text_word(self.line(), found[0]))
                continue
            word = self.word()
            if word is None:
                break
            words.append(word)
            if word.bare() == "]]":
                return words
        raise self.fail("the '[[' is not closed: ']]' is missing", line=line, certain=False)

    def redirects(self) -> tuple[Redirect, ...]:
        """Read the redirections that stand here."""
        found: list[Redirect] = []
        self.skip_blanks()
        while match := _REDIRECT.match(self.text, self.at):
            found.append(self._redirect(match))
            self.skip_blanks()
        return tuple(found)

    def _redirect(self, found: re.Match[str]) -> Redirect:
        line = self.line()
        self.at = found.end()
        self.skip_blanks()
        target = self.word()
        if target is None:
            raise self.fail(f"no file follows {found[2]}", certain=False)
        if found[2] not in ("<<", "<<-"):
            return Redirect(found[2], found[1], target)
        delimiter = "".join(part.text for part in target.parts)
        quoted = any(part.quoted for part in target.parts)
        heredoc = Heredoc(line, delimiter, quoted, found[2] == "<<-", self.depth > 0)
        self.pending.append(heredoc)
        return Redirect(found[2], found[1], target, heredoc)


def text_word(line: int, text: str) -> Word:
    """Return a word of plain text."""
    return Word(line, (Part("text", text),))


def assigned(word: Word) -> str:
    """Return the name that a word such as ``NAME=value`` assigns to, "" for any other word."""
    first = word.parts[0]
    found = _ASSIGNMENT.match(first.text) if first.kind == "text" and not first.quoted else None
    return found[1] if found else ""


def assigned_value(word: Word) -> Word:
    """Return what such a word assigns; of ``+=`` and of one element of an array it cannot be said."""
    first = word.parts[0]
    name, _, rest = first.text.partition("=")
    if name.endswith(("+", "]")):
        return Word(word.line, (Part("other", ""),), word.items)
    return Word(word.line, (Part("text", rest), *word.parts[1:]), word.items)
