"""Walk through a Dockerfile as a build does: its stages, and what its variables stand for at each step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from posttrain_arena.core.check.dockerfile import Instruction

Variables = dict[str, str | None]
"""A variable that is declared without a value in a stage is None: the base image may have set it."""

_VARIABLE = re.compile(r"\\(.)|\$(?:\{(\w+)(?:(:?[-+])([^}$]*))?\}|(\w+))")
_NESTED = re.compile(r"\$\{[^}$]*\$")
_PAIR = re.compile(r"([^\s=\"']+)=((?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|[^\s\"'\\])*)")
_PLATFORM = re.compile(r"(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``image`` is what it starts from with variables replaced, None where that cannot be known."""

    index: int
    line: int
    name: str
    image: str | None


@dataclass(slots=True, kw_only=True)
class Place:
    """Where a walk has come to; the value changes with each step."""

    stages: list[Stage] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    globals: Variables = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)

    def known_stage(self, word: str) -> bool:
        """Say whether ``word`` names a stage before the present one, by name or by number."""
        last = len(self.stages) - 1
        return self.names.get(word.lower(), last) < last or (word.isdecimal() and len(word) < 9 and int(word) < last)

    def expand(self, word: str) -> str | None:
        """Return ``word`` with its variables replaced, None where one of them is not known here."""
        return expand(word, self.variables)

    def take(self, step: Instruction) -> None:
        """Go one step on."""
        if step.name == "FROM":
            self._begin(step)
        elif step.name == "ARG":
            self._declare(step)
        elif step.name == "ENV":
            self.variables |= {name: self.expand(value) for name, value in pairs(step)}

    def _begin(self, step: Instruction) -> None:
        words = step.words()
        image = expand(words[0], self.globals) if words else None
        name = words[2].lower() if len(words) == 3 and words[1].upper() == "AS" else ""
        if name:
            self.names.setdefault(name, len(self.stages))
        self.stages.append(Stage(index=len(self.stages), line=step.line, name=name, image=image))
        self.variables = {}

    def _declare(self, step: Instruction) -> None:
        values = dict(pairs(step))
        for word in step.arguments().split():
            name = word.partition("=")[0]
            if name in values:
                here = self.variables if self.stages else self.globals
                here[name] = expand(values[name], here)
            elif "=" not in word and not self.stages:
                self.globals[name] = ""
            elif "=" not in word:
                self.variables[name] = self.globals.get(name) or None


def walk(steps: tuple[Instruction, ...]) -> Iterator[tuple[Instruction, Place]]:
    """Yield each instruction with the place it is reached at: a FROM with its own stage begun."""
    place = Place()
    for step in steps:
        place.take(step)
        yield step, place


def pairs(step: Instruction) -> list[tuple[str, str]]:
    """Return the names and values of an ENV, ARG or LABEL, without the quotes; also of the older ``ENV NAME value``."""
    text = step.arguments()
    first, _, rest = text.partition(" ")
    if step.name == "ENV" and "=" not in first:
        return [(first, rest.strip())] if rest.strip() else []
    return [(found[1], _unquoted(found[2])) for found in _PAIR.finditer(text)]


def expand(word: str, variables: Variables) -> str | None:
    """Return ``word`` with ``$X``, ``${X}``, ``${X:-a}`` and ``${X:+a}`` replaced; None where that cannot be known."""
    if "$" not in word and "\\" not in word:
        return _unquoted(word)
    if _NESTED.search(word):
        return None
    parts, at = [], 0
    for found in _VARIABLE.finditer(word):
        value = found[1] or _value(found[2] or found[5], found[3] or "", found[4] or "", variables)
        if value is None:
            return None
        parts += [word[at : found.start()], value]
        at = found.end()
    return _unquoted("".join([*parts, word[at:]]))


def _value(name: str, operator: str, other: str, variables: Variables) -> str | None:
    if name not in variables or _PLATFORM.fullmatch(name):
        return None
    value = variables[name]
    if operator.endswith("-"):
        return value or other if operator == ":-" or value is None else value
    if operator.endswith("+"):
        return other if value else ""
    return value


def _unquoted(text: str) -> str:
    return text.replace('"', "").replace("'", "")
