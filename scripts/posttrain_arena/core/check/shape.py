"""Compare a value that has lines with its JSON Schema, in words an author can act on.

It knows the keywords that our schemas for contributors use and refuses any other, so that a schema cannot ask for
something that is silently not checked; a test compares its verdicts with those of a full validator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from posttrain_arena.core.check.names import offer
from posttrain_arena.core.check.shape_fixes import choice_meant, how_to_choose, how_to_write, key_meant, where_known
from posttrain_arena.core.check.spot import Problem, spot_at
from posttrain_arena.core.check.yaml_lines import KeyPath, Located
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.shown import shown

MAX_PROBLEMS = 200
"""No author reads more at once; a document with thousands of unknown keys would take long to tell."""

_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "object": ("a table", lambda v: isinstance(v, dict)),
    "array": ("a list", lambda v: isinstance(v, list)),
    "string": ("text", lambda v: isinstance(v, str)),
    "number": ("a number", lambda v: isinstance(v, (int, float)) and not isinstance(v, bool)),
    "integer": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "boolean": ("true or false", lambda v: isinstance(v, bool)),
    "null": ("empty", lambda v: v is None),
}

_ELSEWHERE = frozenset({"$schema", "$id", "title", "description", "default", "examples"}) | frozenset(
    {"type", "items", "required", "properties", "additionalProperties"}
)
"""Keywords that say nothing of their own, or that _type, _faults and _table look at."""

Fault = tuple[str, KeyPath, str, str]
"""Rule id, where, what, how."""


def shape_problems(doc: Located, schema: dict[str, Any], name: str) -> tuple[Problem, ...]:
    """Return what in ``doc`` does not fit ``schema``, in document order; ``name`` is the file's path."""
    faults = islice(_faults(doc.value, schema, ()), MAX_PROBLEMS)
    return tuple(
        Problem(rule=rule, spot=spot_at(name, doc.place(*path), what=what, how=how)) for rule, path, what, how in faults
    )


def _faults(value: Any, schema: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    wrong_type = list(_type(value, schema, path))
    if wrong_type:
        yield from wrong_type
        return
    yield from _limits(value, schema, path)
    if isinstance(value, dict):
        yield from _table(value, schema, path)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _faults(item, schema["items"], (*path, index))


def _limits(value: Any, schema: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    for keyword, limit in schema.items():
        if keyword in _ELSEWHERE:
            continue
        if keyword not in _KEYWORDS:
            raise ArenaError(f"schema keyword {keyword!r} is not known to core/check/shape.py: teach it there")
        rule, applies, accepts, wanted = _KEYWORDS[keyword]
        if applies(value) and not accepts(value, limit):
            what = f"{_dotted(path)} is {shown(repr(value), 60)}, it must be {wanted.format(_words(limit))}"
            close = choice_meant(value, limit)
            fix = how_to_choose(_key(path), close) if keyword == "enum" else ""
            yield rule, path, what + offer(close), _how(fix, schema)


def _type(value: Any, schema: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    wanted = schema.get("type", [])
    names = [wanted] if isinstance(wanted, str) else wanted
    if names and not any(_TYPES[name][1](value) for name in names):
        is_a = next(words for words, fits in _TYPES.values() if fits(value))
        what = f"{_dotted(path)} is {is_a}, it must be {' or '.join(_TYPES[name][0] for name in names)}"
        yield "value-type", path, what, _how(how_to_write(_key(path), value, schema, names), schema)


def _table(value: dict[str, Any], schema: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            how = f"add '{key}:'. {known[key].get('description', '')}".strip()
            yield "key-missing", path, f"{_dotted((*path, key))} is missing", how
    others = schema.get("additionalProperties", True)
    for key, item in value.items():
        if key in known:
            yield from _faults(item, known[key], (*path, key))
        elif isinstance(others, dict):
            yield from _faults(item, others, (*path, key))
        elif not others:
            close = key_meant(key, known)
            how = f"rename it to '{close}'" if close else where_known(key, known)
            yield "key-unknown", (*path, key), f"unknown key {_dotted((*path, key))}{offer(close)}", how


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _equal(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _words(limit: Any) -> str:
    return ", ".join(str(item) for item in limit) if isinstance(limit, list) else str(limit)


def _how(fix: str, schema: dict[str, Any]) -> str:
    return ". ".join(part for part in (fix, schema.get("description", "" if fix else "see the schema")) if part)


def _key(path: KeyPath) -> str:
    """Return the key that a value stands behind, "" for an item of a list and for the whole document."""
    return path[-1] if path and isinstance(path[-1], str) else ""


def _dotted(path: KeyPath) -> str:
    return shown(".".join(str(part) for part in path)) or "the document"


_KEYWORDS: dict[str, tuple[str, Callable[[Any], bool], Callable[[Any, Any], bool], str]] = {
    "enum": ("value-choice", lambda v: True, lambda v, limit: any(_equal(v, c) for c in limit), "one of: {}"),
    "const": ("value-choice", lambda v: True, _equal, "{}"),
    "pattern": ("value-pattern", _text, lambda v, limit: re.search(limit, v) is not None, "text of the form {}"),
    "minimum": ("value-range", _number, lambda v, limit: v >= limit, "at least {}"),
    "maximum": ("value-range", _number, lambda v, limit: v <= limit, "at most {}"),
    "exclusiveMinimum": ("value-range", _number, lambda v, limit: v > limit, "more than {}"),
    "exclusiveMaximum": ("value-range", _number, lambda v, limit: v < limit, "less than {}"),
    "minLength": ("value-range", _text, lambda v, limit: len(v) >= limit, "at least {} characters long"),
    "maxLength": ("value-range", _text, lambda v, limit: len(v) <= limit, "at most {} characters long"),
    "minItems": (
        "value-range",
        lambda v: isinstance(v, list),
        lambda v, limit: len(v) >= limit,
        "a list of at least {}",
    ),
    "minProperties": (
        "value-range",
        lambda v: isinstance(v, dict),
        lambda v, limit: len(v) >= limit,
        "a table of at least {}",
    ),
}
"""Keyword → (rule id, which values it speaks about, whether a value fits, what to say)."""
