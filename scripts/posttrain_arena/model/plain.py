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
    waiting: list[tuple[str, Any, int]] = [("", doc, 0)]
    while waiting:
        at, value, depth = waiting.pop()
        wrong = "is nested too deep" if depth > MAX_DEPTH else _wrong_with(value)
        if wrong:
            return f"{at or '(top)'}: {wrong}"
        items: list[tuple[Any, Any]] = []
        if isinstance(value, dict):
            items = list(value.items())
        elif isinstance(value, list):
            items = list(enumerate(value))
        for key, item in items:
            if _wrong_with(key):
                return f"{at or '(top)'}: a key {_wrong_with(key)}"
            waiting.append((f"{at}/{key}" if at else str(key), item, depth + 1))
    return None


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
    odd = next((c for c in text if not c.isprintable() and unicodedata.category(c) in ("Cc", "Cs")), None)
    return f"has the control character U+{ord(odd):04X}" if odd else None
