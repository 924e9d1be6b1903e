"""What a shell script is made of, each part with the line it starts on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

PartKind = Literal["text", "variable", "command", "other"]
NodeKind = Literal["if", "loop", "case", "group", "subshell", "function"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word: plain text, the inside of ``${…}``, a command in ``$(…)``, or what is not followed."""

    kind: PartKind
    text: str
    quoted: bool = False
    block: Block = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written; ``items`` are the words of an array in an assignment."""

    line: int
    parts: tuple[Part, ...]
    items: tuple[Word, ...] = ()

    def bare(self) -> str:
        """Return a word that is one piece of unquoted text, "" for any other: only such words are keywords."""
        parts = self.parts
        return parts[0].text if len(parts) == 1 and parts[0].kind == "text" and not parts[0].quoted else ""


@dataclass(slots=True)
class Heredoc:
    """A here-document: announced on ``line``, its body is filled in when the line has ended."""

    line: int
    delimiter: str
    quoted: bool
    tabs: bool
    inside: bool
    body: str = ""
    body_line: int = 0


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirection to or from ``target``, of a here-document to its delimiter."""

    operator: str
    descriptor: str
    target: Word
    heredoc: Heredoc | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its words; ``[[ … ]]`` and ``(( … ))`` are such commands too."""

    line: int
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Compound:
    """A command that holds others.

    ``branches`` are pairs of a condition and a body: one for each ``if`` and ``elif`` and, with an empty condition,
    ``else``; the one of a loop, whose condition is empty in a ``for``; the arms of a ``case``, whose patterns are in
    ``words`` one after the other; the body of a group or function. ``words`` are also those that a ``for`` runs over,
    and ``name`` is its variable or the function's name; ``words`` is None for a ``for`` over the arguments.
    """

    line: int
    kind: NodeKind
    branches: tuple[tuple[Block, Block], ...]
    redirects: tuple[Redirect, ...] = ()
    name: str = ""
    words: tuple[Word, ...] | None = ()
    patterns: tuple[tuple[Word, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by ``|``."""

    line: int
    stages: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """Pipelines joined by ``&&`` and ``||``; ``rest`` are the operator and the pipeline after it."""

    line: int
    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...] = ()


Node: TypeAlias = Simple | Compound
Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A script that was read. ``fault`` is a line and what no shell would take; None without one.

    ``whole`` is False where reading gave up: what follows from the order of commands cannot be said then.
    """

    block: Block
    whole: bool = True
    fault: tuple[int, str] | None = None


def assigned_in(node: Node | Block) -> Iterator[str]:
    """Yield the names that a command assigns to, in whatever is inside it."""
    if isinstance(node, tuple):
        for statement in node:
            for pipeline in (statement.first, *(pipeline for _, pipeline in statement.rest)):
                for stage in pipeline.stages:
                    yield from assigned_in(stage)
    elif isinstance(node, Simple):
        yield from (name for name, _ in node.assignments)
    else:
        for condition, body in node.branches:
            yield from assigned_in(condition)
            yield from assigned_in(body)
