"""Show text that is not ours on one line, with nothing in it that cannot be seen."""

from __future__ import annotations


def shown(text: object, limit: int = 80) -> str:
    """Return text with controls and marks that turn its direction written out, cut where it is long."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in str(text))
    return line if len(line) <= limit else line[: limit - 1] + "…"
