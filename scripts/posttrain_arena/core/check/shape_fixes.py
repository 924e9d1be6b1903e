"""Say how to write a value that does not fit its schema, where what was meant is plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from posttrain_arena.core.check.names import meant
from posttrain_arena.model.shown import shown

NEAR_KEY = 0.8
"""Likeness of two keys of which one is taken for the other misspelt: licence and license have 0.86, and scenes 0.62."""

MAX_SHOWN_CHARS = 80
MAX_ITEMS = 8

_PLAIN = re.compile(r"[^\W_][\w .+@/'-]*")
"""An item of a list that needs no quotes."""

_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)[ _-]?([A-Za-z]{0,10})\.?")
_SECONDS = (
    ("s", "sec", "secs", "second", "seconds"),
    ("m", "min", "mins", "minute", "minutes"),
    ("h", "hr", "hrs", "hour", "hours"),
)
_MEGABYTES = (("m", "mb", "mib", "megabyte", "megabytes"), ("g", "gb", "gib", "gigabyte", "gigabytes"))
_UNITS = {
    "_sec": ("seconds", {unit: 60**power for power, units in enumerate(_SECONDS) for unit in units}),
    "_mb": ("megabytes", {unit: 1024**power for power, units in enumerate(_MEGABYTES) for unit in units}),
}
"""End of a key → what it counts, and how many of these each unit is."""

_BOOLEANS = {**dict.fromkeys(("yes", "on", "y"), "true"), **dict.fromkeys(("no", "off", "n"), "false")}
_BOOLEANS |= {"true": "true", "false": "false"}


def choice_meant(value: Any, choices: Any) -> str | None:
    """Return the choice that a text comes closest to, None where none does."""
    if not isinstance(choices, list) or not isinstance(value, str):
        return None
    plain = re.sub(r"[\s_]+", "-", value[:100].strip().lower())
    texts = [choice for choice in choices if isinstance(choice, str)]
    return meant(value, texts) or meant(plain, texts)


def key_meant(key: str, known: Iterable[str]) -> str | None:
    """Return the known key that is a near miss of ``key``, or the only one that it is a whole word of."""
    plain = re.sub(r"[\s-]+", "_", key[:100].lower())
    names = list(known)
    longer = [name for name in names if f"_{plain}_" in f"_{name}_"]
    return meant(plain, names, cutoff=NEAR_KEY) or (longer[0] if len(longer) == 1 else None)


def where_known(key: str, known: dict[str, Any]) -> str:
    """Say where a key belongs that the table with the keys ``known`` does not have."""
    tables = {name: table["properties"] for name, table in known.items() if "properties" in table}
    found = [(name, close) for name, keys in tables.items() if (close := meant(key, keys, cutoff=NEAR_KEY))]
    if len(found) == 1:
        name, close = found[0]
        return f"move it below {name}:" + (f" as {close}" if close != key else "")
    own = next((name for name in tables if known[name].get("additionalProperties") is True), None)
    keep = f", or move it below {own}: if it is a note of your own" if own else ""
    return f"remove it{keep}; known keys are {', '.join(sorted(known))}"


def how_to_choose(key: str, close: str | None) -> str:
    """Return how to write one of a closed list of values, of which ``close`` is the nearest."""
    if close:
        return f"write {_pair(key, close)}"
    return f"write one of these behind {key}:" if key else "write one of these"


def how_to_write(key: str, value: Any, schema: dict[str, Any], wanted: list[str]) -> str:
    """Return how to write the value of ``key``, which is of none of the types ``wanted``; "" where nobody can tell."""
    if value is None and key:
        optional = "default" in schema or "default" in schema.get("description", "")
        return f"write a value behind {key}:" + (", or remove the line" if optional else "")
    for name in wanted:
        written = _WRITTEN[name](key, value, schema) if name in _WRITTEN else ""
        if written:
            return f"write {written}"
    return ""


def _list(key: str, value: Any, schema: dict[str, Any]) -> str:
    of = schema.get("items", {}).get("type", "string")
    if isinstance(value, dict) or isinstance(value, str) != ("string" in of):
        return ""
    items = [item.strip() for item in str(value).split(",")]
    short = len(items) <= MAX_ITEMS and len(str(value)) <= MAX_SHOWN_CHARS
    return _pair(key, f"[{', '.join(items)}]") if short and all(_PLAIN.fullmatch(item) for item in items) else ""


def _text(key: str, value: Any, schema: dict[str, Any]) -> str:
    choices = schema.get("enum")
    if choices:
        return _pair(key, "one of ") + ", ".join(str(choice) for choice in choices)
    return f"the value of {key} in quotes" if key and not isinstance(value, (dict, list)) else ""


def _number(key: str, value: Any, schema: dict[str, Any]) -> str:
    unit, factors = next((found for end, found in _UNITS.items() if key.endswith(end)), ("", {}))
    plain = f"a number of {unit} without a unit" if unit else "a number without quotes or a unit"
    amount = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if amount and not amount[2] and isinstance(value, str):
        return f"{_pair(key, amount[1])}, without quotes"
    if amount and amount[2].lower() in factors:
        return _pair(key, f"{float(amount[1]) * factors[amount[2].lower()]:.12g}")
    return f"{plain} behind {key}:" if key and isinstance(value, str) else ""


def _whole(key: str, value: Any, schema: dict[str, Any]) -> str:
    if isinstance(value, float):
        return _pair(key, f"{value:.0f}") if value.is_integer() and abs(value) < 1e12 else "a whole number"
    written = _number(key, value, schema)
    return written if not re.search(r"\d\.\d", written) else "a whole number"


def _boolean(key: str, value: Any, schema: dict[str, Any]) -> str:
    plain = _BOOLEANS.get(value.strip().lower()) if isinstance(value, str) else None
    return f"{_pair(key, plain)}, without quotes" if plain else f"true or false behind {key}:" if key else ""


def _table(key: str, value: Any, schema: dict[str, Any]) -> str:
    known = list(schema.get("properties", {}))[:3]
    return f"the keys on lines of their own below {key}:, indented, such as {known[0]}:" if key and known else ""


_WRITTEN: dict[str, Callable[[str, Any, dict[str, Any]], str]] = {
    "array": _list,
    "string": _text,
    "number": _number,
    "integer": _whole,
    "boolean": _boolean,
    "object": _table,
}


def _pair(key: str, value: str) -> str:
    return f"{shown(key)}: {shown(value, MAX_SHOWN_CHARS + 20)}" if key else shown(value, MAX_SHOWN_CHARS + 20)
