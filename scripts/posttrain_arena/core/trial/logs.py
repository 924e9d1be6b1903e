"""Shorten what programs say, and mark where."""

from __future__ import annotations

import re

LOG_LIMIT = 4000
"""Characters of a log that are kept in a trial's record."""

LAST_LINES = 20
"""Lines that say what went wrong; more are scrolled past."""

_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Colours, movements of the cursor and titles of windows (ECMA-48)."""


def plain(text: str) -> str:
    """Return text without what only a terminal understands; of a line that was overwritten its last state."""
    lines = _CONTROL.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def without_middle(text: str, limit: int) -> str:
    """Return the head and the tail of a text that is longer than ``limit``, and between them what was cut."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\n[{len(text) - limit} characters cut]\n{text[-limit // 2 :]}"


def last_lines(text: str, limit: int) -> str:
    """Return the last lines of a text, LAST_LINES at most, that fit into ``limit``, and a mark where some are missing.

    Blank lines are left out; a last line that alone is too long is cut at its end.
    """
    lines = [line.rstrip() for line in plain(text).split("\n") if line.strip()]
    kept: list[str] = []
    while lines and len(kept) < LAST_LINES and len(line := lines[-1]) + sum(len(one) + 1 for one in kept) <= limit:
        kept.insert(0, line)
        lines.pop()
    if lines and not kept:
        kept = [f"{lines.pop()[: limit - 1]}…"]
    return "\n".join(["[…]", *kept] if lines else kept)
