"""Take a statement to pieces."""

import re


class SumError(ValueError):
    """A text that cannot be read or worked out."""


def tokens(text):
    """Return the numbers, names and signs of a text in their order."""
    number = r"[0-9]*\.?[0-9]+"
    name = r"[A-Za-z_][A-Za-z_0-9]*"
    token = re.compile(rf"\s*({number}|{name}|[-+*/^()=])")
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = token.match(text, place)
        if not match:
            raise SumError(f"{text[place:]!r} cannot be read")
        found.append(match[1])
        place = match.end()
    return found
