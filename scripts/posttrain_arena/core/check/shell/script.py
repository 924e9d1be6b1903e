"""Read a shell script into its commands: lists, pipelines, conditions, loops, functions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from posttrain_arena.core.check.shell.commands import SimpleReader, text_word
from posttrain_arena.core.check.shell.fault import ShellFault
from posttrain_arena.core.check.shell.tree import (
    Block,
    Compound,
    Node,
    Part,
    Pipeline,
    Script,
    Simple,
    Statement,
    Word,
)

_OPENING = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}"}
_CLOSING = {"fi": "if", "then": "if", "elif": "if", "else": "if", "do": "for", "done": "do", "esac": "case", "}": "{"}
_ARM_ENDS = (";;&", ";;", ";&")


MAX_SCRIPT_CHARS = 200_000
"""A longer script was not written by hand, and following it costs seconds."""


def commands(script: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither empty nor a comment, each with its number."""
    for number, line in enumerate(script.split("\n"), 1):
        command = line.strip()
        if command and not command.startswith("#"):
            yield number, command


@lru_cache(maxsize=8)
def read_script(text: str) -> Script:
    """Read a script; never raises for what an author can write."""
    if len(text) > MAX_SCRIPT_CHARS:
        return Script((), whole=False)
    reader = _Reader(text)
    try:
        return Script(reader.commands(""))
    except ShellFault as fault:
        return Script((), whole=False, fault=(fault.line, fault.what) if fault.certain else None)


@lru_cache(maxsize=256)
def read_quoted(text: str) -> Word:
    """Read text as it stands in double quotes or in an unquoted here-document; what is odd is not followed."""
    reader = _Reader(text)
    try:
        return Word(1, tuple(reader.quoted_parts("")))
    except ShellFault:
        return Word(1, (Part("other", ""),))


class _Reader(SimpleReader):
    def commands(self, stop: str) -> Block:
        """Read the commands up to ``stop``, which is a bracket or "" for the end of the text."""
        block = self._block(frozenset())
        if self.at < len(self.text) and self.text[self.at] != stop:
            raise self.fail(f"'{self.sign()}' stands where a command is expected")
        if self.pending and not stop:
            last = self.pending[0]
            what = f"the here-document is not closed: no line is '{last.delimiter}' alone"
            raise self.fail(what, line=last.line)
        return block

    def _block(self, ends: frozenset[str]) -> Block:
        statements: list[Statement] = []
        while self.next():
            if self.text.startswith(_ARM_ENDS, self.at) or self.text[self.at] == ")" or self.keyword() in ends:
                break
            statements.append(self._statement())
            self.skip_blanks()
            if self.at < len(self.text) and self.text[self.at] in ";&" and not self.text.startswith(_ARM_ENDS, self.at):
                self.at += 1
        return tuple(statements)

    def _statement(self) -> Statement:
        line, first = self.line(), self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self.skip_blanks()
            operator = self.text[self.at : self.at + 2]
            if operator not in ("&&", "||"):
                return Statement(line, first, tuple(rest))
            self.at += 2
            if not self.next():
                raise self.fail(f"no command follows {operator}")
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        line, negated = self.line(), False
        while self.keyword() in ("!", "time"):
            negated ^= self.keyword() == "!"
            self.at += len(self.keyword())
            self.skip_blanks()
        stages = [self._command()]
        self.skip_blanks()
        while self.text.startswith("|", self.at) and not self.text.startswith("||", self.at):
            self.at += 2 if self.text.startswith("|&", self.at) else 1
            if not self.next():
                raise self.fail("no command follows |")
            stages.append(self._command())
            self.skip_blanks()
        return Pipeline(line, tuple(stages), negated)

    def _command(self) -> Node:
        line, name = self.line(), self.keyword()
        if self.text.startswith("((", self.at):
            return self._arithmetic_command(line)
        if self.text.startswith("(", self.at):
            return self._group(line, "(")
        if name in _CLOSING:
            raise self.fail(f"'{name}' without the '{_CLOSING[name]}' that it belongs to")
        if name in _OPENING or name == "function":
            self.deeper()
            node = self._compound(line, name)
            self.depth -= 1
            return node
        return self.simple(line)

    def _arithmetic_command(self, line: int) -> Node:
        start = self.at
        inner = self.balanced(line)
        if not inner.endswith(")"):
            self.at = start
            return self._group(line, "(")
        return Simple(line, (), (text_word(line, "(("), text_word(line, inner[1:-1])), self.redirects())

    def _compound(self, line: int, name: str) -> Node:
        if name == "{":
            return self._group(line, "{")
        self.at += len(name)
        self.skip_blanks()
        if name == "if":
            return self._if(line)
        if name == "case":
            return self._case(line)
        if name == "function":
            return self._named_function(line)
        return self._loop(line, name)

    def _part_of(self, line: int, opening: str, ends: str) -> tuple[Block, str]:
        """Read commands up to one of the keywords ``ends``; return them and that keyword."""
        block = self._block(frozenset(ends.split()))
        keyword = self.keyword() if self.at < len(self.text) else ""
        if keyword not in ends.split():
            closing = _OPENING[opening]
            if self.at < len(self.text):
                raise self.fail(
                    f"'{self.sign()}' stands where '{closing}' of the '{opening}' on line {line} is expected"
                )
            raise self.fail(f"the '{opening}' is not closed: '{closing}' is missing", line=line)
        if not block:
            raise self.fail(f"no command stands before '{keyword}'; a comment is none")
        self.at += len(keyword)
        return block, keyword

    def _if(self, line: int) -> Node:
        branches: list[tuple[Block, Block]] = []
        keyword = "if"
        while keyword in ("if", "elif"):
            condition, _ = self._part_of(line, "if", "then")
            body, keyword = self._part_of(line, "if", "elif else fi")
            branches.append((condition, body))
        if keyword == "else":
            body, _ = self._part_of(line, "if", "fi")
            branches.append(((), body))
        return Compound(line, "if", tuple(branches), self.redirects())

    def _loop(self, line: int, kind: str) -> Node:
        if kind in ("while", "until"):
            condition, _ = self._part_of(line, kind, "do")
            body, _ = self._part_of(line, kind, "done")
            return Compound(line, "loop", ((condition, body),), self.redirects())
        name, words = "", None
        if self.text.startswith("((", self.at):
            self.balanced(line)
        else:
            name = self.keyword()
            self.at += len(name)
            words = self._words_of_for()
        self.next()
        if self.text.startswith(";", self.at):
            self.at += 1
            self.next()
        if self.keyword() == "{":
            return Compound(line, "loop", (((), self._braces(line)),), self.redirects(), name, words)
        if self.keyword() != "do":
            raise self.fail(f"'do' of the '{kind}' on line {line} is missing")
        self.at += 2
        body, _ = self._part_of(line, kind, "done")
        return Compound(line, "loop", (((), body),), self.redirects(), name, words)

    def _words_of_for(self) -> tuple[Word, ...] | None:
        self.next()
        if self.keyword() != "in":
            return None
        self.at += 2
        words: list[Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            if word is None:
                return tuple(words)
            words.append(word)

    def _case(self, line: int) -> Node:
        subject = self.word()
        self.next()
        if subject is None or self.keyword() != "in":
            raise self.fail(f"'in' of the 'case' on line {line} is missing")
        self.at += 2
        arms: list[tuple[Block, Block]] = []
        patterns: list[tuple[Word, ...]] = []
        while self.next() and self.keyword() != "esac":
            patterns.append(self._patterns(line))
            arms.append(((), self._block(frozenset({"esac"}))))
            if self.text.startswith(_ARM_ENDS, self.at):
                self.at += 3 if self.text.startswith(";;&", self.at) else 2
        if self.at >= len(self.text):
            raise self.fail("the 'case' is not closed: 'esac' is missing", line=line)
        self.at += 4
        return Compound(line, "case", tuple(arms), self.redirects(), "", (subject,), tuple(patterns))

    def _patterns(self, line: int) -> tuple[Word, ...]:
        if self.text.startswith("(", self.at):
            self.at += 1
        words: list[Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            self.skip_blanks()
            if word is None or not self.text.startswith(("|", ")"), self.at):
                raise self.fail(f"a pattern of the 'case' on line {line} is not followed by ')'", certain=False)
            words.append(word)
            self.at += 1
            if self.text[self.at - 1] == ")":
                return tuple(words)

    def _group(self, line: int, opening: str) -> Node:
        if opening == "{":
            return Compound(line, "group", (((), self._braces(line)),), self.redirects())
        self.at += 1
        self.deeper()
        body = self._block(frozenset())
        self.depth -= 1
        if not self.text.startswith(")", self.at):
            what = "the bracket ( that is opened here is not closed"
            raise self.fail(what, line=line, certain=self.at >= len(self.text))
        if not body:
            raise self.fail("no command stands in the brackets", line=line)
        self.at += 1
        return Compound(line, "subshell", (((), body),), self.redirects())

    def _braces(self, line: int) -> Block:
        self.at += 1
        return self._part_of(line, "{", "}")[0]

    def _named_function(self, line: int) -> Node:
        name = self.keyword()
        self.at += len(name)
        self.skip_blanks()
        if self.text.startswith("()", self.at):
            self.at += 2
        return self.function(line, name)

    def function(self, line: int, name: str) -> Node:
        if not self.next():
            raise self.fail(f"the function '{name[:40]}' has no body", line=line)
        self.deeper()
        body = self._command()
        self.depth -= 1
        pipeline = Pipeline(body.line, (body,))
        return Compound(line, "function", (((), (Statement(body.line, pipeline),)),), (), name)


def script_block(text: str) -> Block | None:
    """Return the commands of a script, None where it cannot be followed."""
    script = read_script(text)
    return script.block if script.whole else None
