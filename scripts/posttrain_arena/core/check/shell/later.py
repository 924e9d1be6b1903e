"""Tell what a script uses before it is there: a function or a variable that only a line further down brings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.shell.tree import Block, Node, Simple, Word

_NAME = re.compile(r"[A-Za-z_]\w*")
_USE = re.compile(r"#?([A-Za-z_]\w*)(?!\w|\[|:?[-=?+])")
"""The inside of a ``${…}`` that ``set -u`` refuses where the variable has no value."""

_DEFAULT = re.compile(r"([A-Za-z_]\w*):?=")
_SETTING = frozenset(
    "read mapfile readarray getopts printf let (( export declare local readonly typeset unset wait".split()  # noqa: SIM905
)
_SHELLS_OWN = re.compile(
    r"\w*PATH|\w*_HOME|\w*_VERSION|LC_\w+|BASH\w*|COMP_\w+|HOME|O?L?D?PWD|USER|LOGNAME|SHELL|SHLVL|TERM|LANG|LANGUAGE|"
    r"TMPDIR|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE|IFS|PS[0-4]|E?UID|PPID|RANDOM|SECONDS|EPOCH\w+|LINENO|FUNCNAME|"
    r"DIRSTACK|GROUPS|PIPESTATUS|REPLY|OPTARG|OPTIND|COLUMNS|LINES|COPROC|DISPLAY|DEBIAN_FRONTEND"
)
"""Variables that a shell or an image has before any script sets them."""


class Later:
    """Where the scripts that are followed define their functions and set their variables for the first time."""

    def __init__(self) -> None:
        self._waiting: list[Block] = []
        self._functions: dict[str, int] = {}
        self._variables: dict[str, int] = {}

    def add(self, block: Block) -> None:
        """Take in a script; it is looked through when somebody asks."""
        self._waiting.append(block)

    def function(self, name: str) -> int | None:
        """Return the first line that defines a function of this name, None where none does."""
        self._look()
        return self._functions.get(name)

    def variable(self, name: str) -> int | None:
        """Return the first line that sets a variable, None where none does or where it is one that every shell has."""
        self._look()
        return None if _SHELLS_OWN.fullmatch(name) else self._variables.get(name)

    def _look(self) -> None:
        for block in self._waiting:
            for node in _nodes(block):
                if isinstance(node, Simple):
                    for name in _set_by(node):
                        self._put(self._variables, name, node.line)
                elif node.name:
                    self._put(self._functions if node.kind == "function" else self._variables, node.name, node.line)
        self._waiting.clear()

    @staticmethod
    def _put(lines: dict[str, int], name: str, line: int) -> None:
        lines[name] = min(line, lines.get(name, line))


def used_in(node: Simple) -> Iterator[str]:
    """Yield the variables that a command needs a value of, those with a default left out."""
    for word in _words(node):
        for part in word.parts:
            if part.kind == "variable" and (found := _USE.match(part.text)):
                yield found[1]


def _words(node: Simple) -> Iterator[Word]:
    yield from node.words
    yield from (word for _, word in node.assignments)
    yield from (item.target for item in node.redirects if item.heredoc is None)


def _nodes(block: Block) -> Iterator[Node]:
    """Yield the commands of a script, those inside others too."""
    for statement in block:
        for pipeline in (statement.first, *(pipeline for _, pipeline in statement.rest)):
            for node in pipeline.stages:
                yield node
                for condition, body in () if isinstance(node, Simple) else node.branches:
                    yield from _nodes(condition)
                    yield from _nodes(body)


def _set_by(node: Simple) -> Iterator[str]:
    """Yield the names that a command may set; too many rather than too few."""
    yield from (name for name, _ in node.assignments)
    yield from (name for item in node.redirects for name in _NAME.findall(item.descriptor))
    setting = bool(node.words) and node.words[0].bare() in _SETTING
    for word in _words(node):
        for part in word.parts:
            if part.kind == "variable" and (found := _DEFAULT.match(part.text)):
                yield found[1]
            elif setting and part.kind == "text":
                yield from _NAME.findall(part.text)
