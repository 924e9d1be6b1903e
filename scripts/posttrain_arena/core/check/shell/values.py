"""What the words of a shell script stand for, as far as that follows from the script alone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from posttrain_arena.core.check.shell.script import read_quoted
from posttrain_arena.core.check.shell.tree import Block, Part, Simple, Word

UNKNOWN = "\0"
"""Stands in a text for whatever the script alone does not tell."""

MAX_VALUES = 6
"""That a word may have; more are as good as unknown."""

MAX_VALUE_CHARS = 4000

_EXPANSION = re.compile(r"([A-Za-z_]\w*|[0-9]+|[?$!#@*])(.*)", re.DOTALL)
_GLOB = re.compile(r"[*?\[~{]")


class Value(NamedTuple):
    """A text with the line it was written on."""

    text: str
    line: int


Values = tuple[Value, ...]
Variables = dict[str, Values]


def unknown(line: int) -> Values:
    """Return the value of what is not known."""
    return (Value(UNKNOWN, line),)


def known(values: Values) -> bool:
    """Say whether every text is known to its last letter."""
    return bool(values) and all(UNKNOWN not in value.text for value in values)


def joined(left: Values, right: Values) -> Values:
    """Return the values of both sides, in order and once each."""
    if left == right:
        return left
    both = tuple(dict.fromkeys(left + right))
    return both if len(both) <= MAX_VALUES else unknown(both[0].line)


def expand(word: Word, variables: Variables) -> Values:
    """Return what a word may stand for; parts that are not known hold UNKNOWN."""
    if len(word.parts) == 1 and word.parts[0].kind == "text":
        return _plain(word.parts[0], word.line)
    values: Values = (Value("", word.line),)
    for part in word.parts:
        found = _part(part, variables, word.line)
        if len(values) * len(found) > MAX_VALUES:
            return unknown(word.line)
        single = len(word.parts) == 1
        values = tuple(
            Value(head.text + tail.text, tail.line if single else head.line) for head in values for tail in found
        )
    return tuple(value if len(value.text) <= MAX_VALUE_CHARS else Value(UNKNOWN, value.line) for value in values)


def expand_text(text: str, variables: Variables, line: int) -> Values:
    """Return what text in double quotes, or an unquoted here-document, may stand for."""
    if "$" not in text and "`" not in text and "\\" not in text:
        return (Value(text, line),)
    return tuple(Value(value.text, line) for value in expand(read_quoted(text), variables))


def _part(part: Part, variables: Variables, line: int) -> Values:
    if part.kind == "text":
        return _plain(part, line)
    if part.kind == "variable":
        return _variable(part.text, variables, line)
    return _substitution(part.block, variables, line) if part.kind == "command" else unknown(line)


def _plain(part: Part, line: int) -> Values:
    if len(part.text) > MAX_VALUE_CHARS:
        return unknown(line)
    if part.quoted or part.text in ("[", "[[") or not _GLOB.search(part.text):
        return (Value(part.text, line),)
    return (Value(_GLOB.sub(UNKNOWN, part.text), line),)


def _variable(inside: str, variables: Variables, line: int) -> Values:
    found = _EXPANSION.fullmatch(inside)
    if not found:
        return unknown(line)
    name, rest = found[1], found[2]
    if name == "BASH_SOURCE":
        name, rest = "0", rest.removeprefix("[0]")
    value = variables.get(name)
    if not rest:
        return value or unknown(line)
    if rest.startswith((":-", ":=", "-", "=")):
        default = rest.lstrip(":")[1:]
        return value if value else expand_text(default, variables, line)
    if rest in ("%/*", "%/[^/]*") and value:
        return tuple(Value(posixpath.dirname(item.text), item.line) for item in value)
    return (value or unknown(line)) if rest.startswith((":?", "?")) else unknown(line)


def _substitution(block: Block, variables: Variables, line: int) -> Values:
    """Follow ``$(dirname …)`` and its like, by which scripts find their own folder."""
    words = _only_words(block)
    names = [word.bare() for word in words]
    if names[:1] == ["cd"] and names[-1:] == ["pwd"]:
        words = [word for word in words[1:-1] if word.bare() not in ("--", "-P")]
        return expand(words[0], variables) if len(words) == 1 else unknown(line)
    if names == ["pwd"]:
        return variables.get("PWD") or unknown(line)
    if names[:1] in (["dirname"], ["basename"], ["realpath"], ["readlink"]):
        arguments = [word for word, name in zip(words[1:], names[1:], strict=True) if not name.startswith("-")]
        if len(arguments) == 1:
            return _path_of(names[0], expand(arguments[0], variables))
    return unknown(line)


def _only_words(block: Block) -> list[Word]:
    """Return the words of a block that is one command, or ``cd FOLDER && pwd``."""
    if len(block) != 1 or any(operator != "&&" for operator, _ in block[0].rest):
        return []
    pipelines = [block[0].first, *(pipeline for _, pipeline in block[0].rest)]
    nodes = [node for pipeline in pipelines for node in pipeline.stages]
    if len(nodes) != len(pipelines) or not all(isinstance(node, Simple) for node in nodes):
        return []
    return [word for node in nodes if isinstance(node, Simple) for word in node.words]


def _path_of(tool: str, values: Values) -> Values:
    tools = {"dirname": posixpath.dirname, "basename": posixpath.basename}
    follow = tools.get(tool, posixpath.normpath)
    return tuple(Value(follow(value.text) or ".", value.line) for value in values)


def resolved(path: str, folder: str) -> str:
    """Return a path as it stands from the root; UNKNOWN at its start where the folder is not known."""
    whole = path if path.startswith(("/", UNKNOWN)) else f"{folder}/{path}"
    return posixpath.normpath(whole) if not whole.startswith(UNKNOWN) else whole


def numbers(values: Iterable[Value]) -> list[float] | None:
    """Return the values as numbers, None where one of them is none."""
    try:
        return [float(value.text.strip()) for value in values]
    except ValueError:
        return None
