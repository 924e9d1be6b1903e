"""Read the settings of a cache."""

import re


class LarderError(ValueError):
    """Settings or commands that make no sense."""


def number(text):
    """Return a whole number that is at least 1."""
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) < 1:
        raise LarderError(f"{text!r} is no number from 1 on")
    return int(text)


def seconds(text):
    """Return a time to live in seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    if text and text[-1] in units:
        return number(text[:-1]) * units[text[-1]]
    return number(text)


def settings(text):
    """Return the settings of a text."""
    found = {"capacity": 8, "ttl": 60}
    for word in text.split():
        key, _, value = word.partition("=")
        if key not in found:
            raise LarderError(f"{key!r} is no setting")
        found[key] = seconds(value) if key == "ttl" else number(value)
    return found
