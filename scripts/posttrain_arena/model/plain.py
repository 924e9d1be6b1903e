"""Say what in a parsed JSON document no reader should have to bear: depth, numbers and characters."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

MAX_DEPTH = 32
"""Our deepest document has a dozen levels; readers that recurse break at a thousand."""

MAX_INTEGER = 2**53
"""Above it a number that is read as a double is another number (RFC 7493, section 2.2)."""

MAX_TEXT = 10_000


def plain_fault(doc: Any) -> str | None:
    """Return ``place: what is wrong`` for the first such thing, None where there is none."""
    found = _fault(doc, 0)
    return f"{'/'.join(found[0][::-1]) or '(top)'}: {found[1]}" if found else None


def _fault(value: Any, depth: int) -> tuple[list[str], str] | None:
    """Return the first fault with its place, innermost name first."""
    if not isinstance(value, (dict, list)):
        wrong = _wrong_with(value)
        return ([], wrong) if wrong else None
    if depth > MAX_DEPTH:
        return [], "is nested too deep"
    if isinstance(value, list) and _plain_numbers(value):
        return None
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if not _is_plain_text(key) and (wrong := _wrong_with(key)):
            return [], f"a key {wrong}"
        if not _is_plain_text(item) and (found := _fault(item, depth + 1)):
            return [*found[0], str(key)], found[1]
    return None


def _is_plain_text(value: Any) -> bool:
    """Say at once of most texts that nothing is wrong with them."""
    return type(value) is str and len(value) <= MAX_TEXT and value.isprintable()


def _plain_numbers(values: list[Any]) -> bool:
    """Say of a list at once that it holds small numbers alone, as thousands of lists of rewards do."""
    if not set(map(type, values)) <= {float, int}:
        return False
    try:
        return bool(sum(map(abs, values)) <= MAX_INTEGER)
    except OverflowError:  # an integer that no float holds, beside a float
        return False


def _wrong_with(value: Any) -> str | None:
    if isinstance(value, str):
        return _wrong_with_text(value)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return "is an integer beyond 2^53"
    if isinstance(value, float) and not math.isfinite(value):
        return "is no finite number"
    return None


def _wrong_with_text(text: str) -> str | None:
    if len(text) > MAX_TEXT:
        return f"is a text of {len(text)} characters, over {MAX_TEXT}"
    if text.isprintable():
        return None
    odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs")), None)
    return f"has the control character U+{ord(odd):04X}" if odd else None
