"""What calls to a model provider cost: the most before they are made, the tokens they name afterwards.

Runs in the side-car's container too, with the standard library of Python 3.8 alone.
"""

from __future__ import annotations

import json
import re
import threading
from typing import Any

MAX_READ = 1 << 20
"""Bytes of a body that is read as JSON: larger ones would take a hundred times their size."""

OUTPUT_TOKENS = 32_768
"""Taken for the most that a call can give where it does not say."""

_USED = {
    "input_tokens": re.compile(rb'"(?:prompt_tokens|input_tokens)"\s*:\s*(\d{1,12})'),
    "output_tokens": re.compile(rb'"(?:completion_tokens|output_tokens)"\s*:\s*(\d{1,12})'),
}
_CACHED = re.compile(rb'"(cache_creation_input_tokens|cache_read_input_tokens)"\s*:\s*(\d{1,12})')
"""What one provider counts beside the input tokens."""


class Account:
    """What was spent with one provider, and what the calls under way can still cost."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.spent = 0.0
        self.reserved = 0.0
        self.lock = threading.Lock()

    def price(self, used: dict[str, int]) -> float:
        """Return what tokens cost."""
        prices = {kind: self.settings.get(f"usd_per_million_{kind}") or 0.0 for kind in ("input", "output")}
        return sum(used[f"{kind}_tokens"] * price / 1e6 for kind, price in prices.items())

    def reserve(self, most: dict[str, int]) -> bool:
        """Set aside what a call can cost; say whether there is so much left, which there is without a limit."""
        limit = self.settings.get("most_usd")
        with self.lock:
            if limit is not None and self.spent + self.reserved + self.price(most) > limit:
                return False
            self.reserved += self.price(most)
            return True

    def settle(self, most: dict[str, int], used: dict[str, int]) -> None:
        """Put what a call did cost in the place of what was set aside for it."""
        with self.lock:
            self.reserved -= self.price(most)
            self.spent += self.price(used)


def most_of(body: bytes, asked: dict[str, Any]) -> dict[str, int]:
    """Return the most tokens that a call can take: a token is at least a byte."""
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    limits = [asked[name] for name in names if is_count(asked.get(name))]
    answers = max([1, *(asked[name] for name in ("n", "best_of") if is_count(asked.get(name)))])
    return {"input_tokens": len(body), "output_tokens": answers * max(limits, default=OUTPUT_TOKENS)}


def is_count(value: object) -> bool:
    """Say whether a value is a number of things."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9


def asked_in(body: bytes) -> dict[str, Any]:
    """Return a call's JSON object; an empty one where it has none or a very large one."""
    try:
        asked = json.loads(body) if len(body) <= MAX_READ else None
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def sent_as(path: str, body: bytes, asked: dict[str, Any]) -> bytes:
    """Return the body as it was understood; a stream of a chat is made to tell its tokens, as others do anyway."""
    if not asked:
        return body
    if asked.get("stream") is True and path.partition("?")[0].endswith("/completions"):
        options = asked.get("stream_options")
        asked = {**asked, "stream_options": {**(options if isinstance(options, dict) else {}), "include_usage": True}}
    return json.dumps(asked).encode()


def used_of(seen: bytes) -> dict[str, int]:
    """Return the tokens that an answer names last, and nothing of what it does not name."""
    found = {name: pattern.findall(seen) for name, pattern in _USED.items()}
    used = {name: int(counts[-1]) for name, counts in found.items() if counts}
    if "input_tokens" in used:
        used["input_tokens"] += sum({name: int(count) for name, count in _CACHED.findall(seen)}.values())
    return used


def cost_of(status: int, seen: bytes, *, whole: bool, most: dict[str, int]) -> dict[str, int]:
    """Return the tokens that a call is charged for: those that its answer names.

    An answer that names none, or was not read to its end, is charged with the most that it can have taken. One that
    tells of a fault costs nothing.
    """
    nothing = {"input_tokens": 0, "output_tokens": 0}
    used = used_of(seen)
    if status >= 400 or (used and whole):
        return {**nothing, **used}
    return {name: max(most[name], used.get(name, 0)) for name in most}
