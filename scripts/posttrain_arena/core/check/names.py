"""Find the name that somebody meant."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_SLUG_CHARS = 64

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def is_slug(name: str) -> bool:
    """Say whether ``name`` is made of a-z, 0-9 and single hyphens, at most 64 characters."""
    return len(name) <= MAX_SLUG_CHARS and SLUG.fullmatch(name) is not None


def slug_of(name: str) -> str:
    """Return the slug closest to ``name``, "" where nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", name[:1000]).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", plain)
    return _NOT_SLUG.sub("-", spaced.lower()).strip("-")[:MAX_SLUG_CHARS].strip("-")


def meant(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that ``name`` comes closest to, None where none is as close as ``cutoff`` (1 is equal)."""
    close = difflib.get_close_matches(name[:200], list(known), n=1, cutoff=cutoff)
    return close[0] if close else None


def offer(name: str | None) -> str:
    """Return the end of a sentence that offers ``name``, "" without one."""
    return f": did you mean '{name}'?" if name else ""
