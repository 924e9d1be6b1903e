"""Say how many of something there are."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural where that is an ``s``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
