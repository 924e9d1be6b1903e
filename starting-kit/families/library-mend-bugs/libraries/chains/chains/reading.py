"""Read what needs what."""

import re


class ChainError(ValueError):
    """Needs that cannot be read or met."""


def checked(text):
    """Return the name that a text is."""
    name = text.strip()
    if not re.fullmatch("[a-z][a-z0-9-]*", name):
        raise ChainError(f"{name!r} is no name")
    return name


def parse(text):
    """Return the needs of every name."""
    needs = {}
    for line in text.split("\n"):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        word, _, rest = line.partition(":")
        name = checked(word)
        mine = needs.setdefault(name, [])
        for other in map(checked, rest.split(",") if rest.strip() else []):
            if other == name:
                raise ChainError(f"{name!r} needs itself")
            needs.setdefault(other, [])
            mine.append(other)
    return {name: sorted(set(others)) for name, others in needs.items()}
