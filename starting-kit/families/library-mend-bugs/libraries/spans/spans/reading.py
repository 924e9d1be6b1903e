"""Read opening hours."""

import re


class SpanError(ValueError):
    """Opening hours that cannot be read."""


def minutes(text, latest):
    """Return a time as minutes from midnight, ``latest`` at most."""
    match = re.fullmatch("([0-9]{1,2}):([0-9]{2})", text.strip())
    if not match:
        raise SpanError(f"{text!r} is no time")
    hour, minute = int(match[1]), int(match[2])
    if minute > 59 or 60 * hour + minute > latest:
        raise SpanError(f"{text!r} is not on the clock")
    return 60 * hour + minute


def parse(text):
    """Return the spans of a text."""
    if not text.strip():
        return []
    spans = []
    for part in text.split(","):
        start, _, end = part.partition("-")
        first, last = minutes(start, 1439), minutes(end, 1440)
        if last <= first:
            raise SpanError(f"{part!r} does not end after it starts")
        spans.append([first, last])
    return spans
