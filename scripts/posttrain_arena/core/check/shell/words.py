"""Read the words of a shell script: quotes, variables, substitutions and here-documents."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right

from posttrain_arena.core.check.shell.fault import ShellFault
from posttrain_arena.core.check.shell.tree import Block, Heredoc, Part, Word

MAX_DEPTH = 40
"""Of commands inside commands. Nobody writes that by hand, and each level takes several of Python's frames."""

MAX_NAME_CHARS = 200

BLANKS = re.compile(r"(?:[ \t\r]|\\\n)+")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|()<>]+")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9]|[?$!#@*-]")
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\n]*\])?\+?=")
_EXTGLOB = "?*+@!"
_ENDS = frozenset(" \t\r\n;&|()<>")
_BRACED = re.compile(r"[^'\"\\$`{}]+")
_ARITHMETIC = re.compile(r"[^()'\"\\]+")
_ESCAPED_IN_QUOTES = {"\n": "", "$": "$", "`": "`", '"': '"', "\\": "\\"}
_BLANK_STARTS = (" ", "\t", "\r", "\\")
_NEWLINE = re.compile(r"\n")
_COMMENT = re.compile(r"[^\n]*")


class WordReader(ABC):
    """Reads words from ``text`` at ``at``; ``commands`` reads the commands of a substitution up to a bracket."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.first_line = first_line
        self.sure = True
        self.ends = [found.start() for found in _NEWLINE.finditer(text)]
        self.pending: list[Heredoc] = []

    @abstractmethod
    def commands(self, stop: str) -> Block:
        """Read the commands up to ``stop``; the grammar does it."""

    def line(self) -> int:
        """Return the number of the line that is being read."""
        return bisect_right(self.ends, self.at - 1) + self.first_line if self.at else self.first_line

    def fail(self, what: str, *, line: int | None = None, certain: bool = True) -> ShellFault:
        """Return the fault to raise."""
        return ShellFault(self.line() if line is None else line, what, certain=certain and self.sure)

    def deeper(self) -> None:
        """Count a level of nesting; raises where there are too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail("commands are nested too deep", certain=False)

    def skip_blanks(self) -> None:
        """Go over blanks, joined lines and a comment."""
        if self.text[self.at : self.at + 1] in _BLANK_STARTS and (found := BLANKS.match(self.text, self.at)):
            self.at = found.end()
        if self.text.startswith("#", self.at):
            self.at = _COMMENT.match(self.text, self.at).end()  # type: ignore[union-attr]

    def newline(self) -> None:
        """Go over the end of a line and the here-documents that follow it."""
        self.at += 1
        for heredoc in self.pending:
            self._body(heredoc)
        self.pending.clear()

    def _body(self, heredoc: Heredoc) -> None:
        heredoc.body_line = self.line()
        start = self.at
        while start <= len(self.text):
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
            line = self.text[start:end]
            if (line.lstrip("\t") if heredoc.tabs else line) == heredoc.delimiter:
                heredoc.body = self.text[self.at : start]
                self.at = min(end + 1, len(self.text))
                return
            start = end + 1
        what = f"the here-document is not closed: no line is '{heredoc.delimiter}' alone"
        raise self.fail(what, line=heredoc.line, certain=not heredoc.inside)

    def word(self) -> Word | None:
        """Read a word, None where something else stands."""
        text, start, line = self.text, self.at, self.line()
        parts: list[Part] = []
        while self.at < len(text):
            char = text[self.at]
            if char in _ENDS and not self._goes_on(char, start):
                break
            if char == "(" and self._is_array(start):
                return Word(line, tuple(parts), self._array())
            self._piece(char, parts)
        return Word(line, tuple(parts)) if self.at > start else None

    def _goes_on(self, char: str, start: int) -> bool:
        if char in "<>":
            return self.text.startswith("(", self.at + 1)
        if char != "(" or self.at == start:
            return False
        return self.text[self.at - 1] in _EXTGLOB or self._is_array(start)

    def _is_array(self, start: int) -> bool:
        return self.at - start < MAX_NAME_CHARS and _ARRAY.fullmatch(self.text, start, self.at) is not None

    def _piece(self, char: str, parts: list[Part]) -> None:
        if found := _PLAIN.match(self.text, self.at):
            self.at = found.end()
            parts.append(Part("text", found[0]))
        elif char == '"':
            line = self.line()
            self.at += 1
            parts.extend(self.quoted_parts('"') or [Part("text", "", quoted=True)])
            if not self.text.startswith('"', self.at):
                raise self.fail('the quote " that is opened here is not closed', line=line)
            self.at += 1
        elif char == "\\":
            skipped = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            parts.append(Part("text", "" if skipped == "\n" else skipped, quoted=True))
        elif char in "$`":
            parts.append(self._dollar() if char == "$" else self._backquoted())
        else:
            parts.append(self._single() if char == "'" else self._bracketed(char))

    def _single(self) -> Part:
        start, line = self.at + 1, self.line()
        end = self.text.find("'", start)
        if end < 0:
            raise self.fail("the quote ' that is opened here is not closed", line=line)
        self.at = end + 1
        return Part("text", self.text[start:end], quoted=True)

    def quoted_parts(self, stop: str) -> list[Part]:
        """Read the pieces inside double quotes, up to ``stop`` or, where that is "", the end of the text."""
        parts: list[Part] = []
        while self.at < len(self.text) and self.text[self.at] != stop:
            char = self.text[self.at]
            if found := _IN_QUOTES.match(self.text, self.at):
                self.at = found.end()
                parts.append(Part("text", found[0], quoted=True))
            elif char == "\\":
                after = self.text[self.at + 1 : self.at + 2]
                self.at += 2
                parts.append(Part("text", _ESCAPED_IN_QUOTES.get(after, "\\" + after), quoted=True))
            elif char == '"' or self.text.startswith(("$'", '$"'), self.at):
                self.at += 1
                parts.append(Part("text", char, quoted=True))
            else:
                part = self._dollar() if char == "$" else self._backquoted()
                parts.append(Part(part.kind, part.text, True, part.block))
        return parts

    def _dollar(self) -> Part:
        after = self.text[self.at + 1 : self.at + 3]
        if after == "((":
            return self._arithmetic()
        if after[:1] == "(":
            self.at += 1
            return self._bracketed("$")
        if after[:1] == "{":
            return self._braced()
        if after[:1] == "'":
            return self._ansi()
        self.at += 1
        if after[:1] != '"' and (found := _NAME.match(self.text, self.at)):
            self.at = found.end()
            return Part("variable", found[0])
        return Part("text", "" if after[:1] == '"' else "$")

    def _bracketed(self, char: str) -> Part:
        """Read ``$(…)``, ``<(…)``, ``>(…)`` from its bracket on, or the brackets of a pattern."""
        line = self.line()
        if char == "(":
            self.balanced(line)
            return Part("other", "")
        self.at += 1 if char == "$" else 2
        self.deeper()
        block = self.commands(")")
        self.depth -= 1
        if not self.text.startswith(")", self.at):
            raise self.fail("the bracket ( that is opened here is not closed", line=line)
        self.at += 1
        return Part("command" if char == "$" else "other", "", block=block)

    def _arithmetic(self) -> Part:
        start = self.at
        self.at += 1
        self.balanced(self.line())
        if self.text[self.at - 2 : self.at] == "))":
            return Part("other", self.text[start : self.at])
        self.at = start + 1
        return self._bracketed("$")

    def balanced(self, line: int) -> str:
        """Go over brackets up to the one that closes the first; return what is in between."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if found := _ARITHMETIC.match(self.text, self.at):
                self.at = found.end()
                continue
            self.at += 1
            depth += {"(": 1, ")": -1}.get(char, 0)
            self.at += 1 if char == "\\" else 0
            if depth == 0:
                return self.text[start + 1 : self.at - 1]
            if char in "'\"":
                self._quote_in_brackets(char)
        raise self.fail("the bracket ( that is opened here is not closed", line=line, certain=False)

    def _quote_in_brackets(self, quote: str) -> None:
        end = self.text.find(quote, self.at)
        self.at = len(self.text) if end < 0 else end + 1

    def _braced(self) -> Part:
        """Read ``${…}``; what is nested in it is gone over and not followed."""
        start, line, depth = self.at + 2, self.line(), 1
        self.at = start
        while self.at < len(self.text):
            if found := _BRACED.match(self.text, self.at):
                self.at = found.end()
                continue
            char = self.text[self.at]
            depth += self._in_braces(char)
            if depth == 0:
                return Part("variable", self.text[start : self.at - 1])
        raise self.fail("the bracket ${ that is opened here is not closed", line=line, certain=False)

    def _in_braces(self, char: str) -> int:
        after = self.text[self.at + 1 : self.at + 2]
        if char == "\\":
            self.at += 2
        elif char == "$" and after == "(":
            self._dollar()
        elif char == "$" and after == "{":
            self.at += 2
            return 1
        elif char == '"':
            self.at += 1
            self.quoted_parts('"')
            self.at += 1
        else:
            self.at += 1
            self.sure &= char != "'"
        return -1 if char == "}" else 0

    def _ansi(self) -> Part:
        start, line = self.at + 2, self.line()
        end = start
        while end < len(self.text) and self.text[end] != "'":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise self.fail("the quote $' that is opened here is not closed", line=line)
        self.at = end + 1
        return Part("other" if "\\" in self.text[start:end] else "text", self.text[start:end], quoted=True)

    def _backquoted(self) -> Part:
        start, line = self.at + 1, self.line()
        end = start
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise self.fail("the quote ` that is opened here is not closed", line=line)
        self.at = end + 1
        inner = type(self)(self.text[start:end].replace("\\`", "`"), line)
        inner.depth = self.depth
        inner.deeper()
        try:
            return Part("command", "", block=inner.commands(""))
        except ShellFault as fault:  # the shell reads it when it comes to it, and then complains
            raise ShellFault(fault.line, fault.what, certain=False) from fault

    def _array(self) -> tuple[Word, ...]:
        line = self.line()
        self.at += 1
        items: list[Word] = []
        while self.at < len(self.text):
            self.skip_blanks()
            if self.text.startswith(")", self.at):
                self.at += 1
                return tuple(items)
            if self.text.startswith("\n", self.at):
                self.newline()
            elif (word := self.word()) is not None:
                items.append(word)
            else:
                raise self.fail("this cannot stand in a list", certain=False)
        raise self.fail("the bracket ( that is opened here is not closed", line=line)
