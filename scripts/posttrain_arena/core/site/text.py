"""Turn numbers and untrusted text into what a page shows."""

from __future__ import annotations

import functools
import math
import unicodedata
from urllib.parse import urlsplit

from posttrain_arena.model.score import Interval

MINUS = "\N{MINUS SIGN}"
TO = "\N{EN DASH}"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
FIXED = "\N{NO-BREAK SPACE}"
HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Unicode categories that never reach a page: controls, bidi overrides and other invisible characters."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that count as letters, marks or symbols and show nothing."""
MAX_MARKS = 2
"""Combining marks that one letter may carry; more of them climb over the lines above."""


@functools.lru_cache(maxsize=65536)
def clean(text: str, limit: int = 80) -> str:
    """Return ``text`` on one line, without invisible characters, at most ``limit`` characters long.

    A text in which nothing can be seen is empty.
    """
    if text.isascii() and text.isprintable():
        line = " ".join(text[: 20 * limit].split())
    else:
        line = " ".join("".join(_visible(text[: 20 * limit])).split())
        if all(unicodedata.category(char)[0] in "MZ" for char in line):
            return ""
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def _visible(text: str) -> list[str]:
    shown, marks = [], 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in HIDDEN or char in BLANK:
            shown.append(" ")
        elif marks <= MAX_MARKS:
            shown.append(char)
    return shown


def safe_url(text: str) -> str | None:
    """Return an http(s) address that may be linked, else None."""
    if not text or len(text) > 500 or any(char.isspace() or unicodedata.category(char) in HIDDEN for char in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else None


def points(fraction: float) -> str:
    """Return a difference in percentage points: one decimal, always signed (``+4.2``, ``0.0``)."""
    rounded = round(100 * fraction, 1)
    if rounded == 0:
        return "0.0"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.1f}"


def share(fraction: float) -> str:
    """Return a level or a power as a whole percentage (``95%``)."""
    return f"{fraction:.0%}"


def span(interval: Interval | None) -> str:
    """Return an interval of differences in percentage points, clipped to what a difference can be."""
    if interval is None:
        return TO
    return f"{points(max(-1.0, interval.low))} to{FIXED}{points(min(1.0, interval.high))}"


def percent(fraction: float) -> str:
    """Return a rate in percent with one decimal, without the sign."""
    return f"{100 * fraction:.1f}"


def percent_span(interval: Interval | None) -> str:
    """Return an interval of rates in percent."""
    return TO if interval is None else f"{percent(interval.low)} to{FIXED}{percent(interval.high)}"


def about(fraction: float) -> str:
    """Return a size in percentage points, as coarse as a planning figure deserves."""
    size = 100 * abs(fraction)
    return f"{size:.1f}" if size < 9.95 else f"{size:.0f}"


def number(value: float | None) -> str:
    """Return a measured number with three significant digits."""
    if value is None:
        return TO
    size = abs(value)
    if size >= 1e6 or 0 < size < 1e-3:
        mantissa, exponent = f"{size:.1e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    elif size >= 100:
        text = f"{size:,.0f}"
    else:
        text = f"{size:.3g}"
    return f"{MINUS if value < 0 else ''}{text}"


def chance(value: float) -> str:
    """Return a p-value as one writes it: ``0.031``, ``< 0.001``."""
    return "<" + FIXED + "0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def money(dollars: float) -> str:
    """Return US dollars, with cents below ten."""
    return f"${dollars:,.2f}" if dollars < 10 else f"${dollars:,.0f}"


def hours(seconds: float) -> str:
    """Return hours, with minutes below one."""
    return f"{seconds / 60:.0f}{FIXED}min" if seconds < 3570 else f"{seconds / 3600:.1f}{FIXED}h"


def duration(seconds: float) -> str:
    """Return wall time in the two largest units (``4 min 05 s``)."""
    whole = math.floor(seconds + 0.5)
    if whole < 60:
        return f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def ranks(low: int, high: int) -> str:
    """Return a rank set (``2`` or ``2-4`` with an en dash)."""
    return str(low) if low == high else f"{low}{TO}{high}"


def short(digest: str, length: int = 12) -> str:
    """Return the first hex digits of a digest."""
    return digest.removeprefix("sha256:")[:length]


def count(number: int, noun: str) -> str:
    """Return ``1 task`` or ``2 tasks``; ``entry`` and its like end in -ies."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"
