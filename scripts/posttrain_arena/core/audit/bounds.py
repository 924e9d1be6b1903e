"""The bounds within which what a stranger wrote is looked at."""

from __future__ import annotations

import ast
import warnings

MAX_PARSED = 1_000_000
"""Characters of a program that is parsed: a tree takes two hundred times as many bytes."""

MAX_CHARS = 200_000
"""Characters that are looked at together; a longer text is looked at in parts."""

MAX_UNPACKED = 32 << 20
"""Bytes of one file that are looked at, also after unpacking: twice what a run's copy keeps of one."""


MAX_OF_FILE = 3 * MAX_UNPACKED
"""Bytes that are unpacked of one file, packed into each other."""

MAX_OF_ALL = 512 << 20
"""Bytes that are unpacked of all files: some minutes."""


class TooMuchError(Exception):
    """A text that cannot be looked at within bounds: it is not judged."""


class Room:
    """Bytes that may still be unpacked."""

    def __init__(self, left: int) -> None:
        """Begin with ``left``."""
        self.left = left

    def take(self, size: int) -> None:
        """Use some; raises TooMuchError where that is more than there is."""
        self.left -= size
        if self.left < 0:
            raise TooMuchError("more than may be unpacked")


BROKEN = (TooMuchError, RecursionError, MemoryError, ValueError, OverflowError)
"""What a hostile file can raise in what looks at it."""


def parsed(source: str | bytes) -> ast.Module | None:
    """Return the tree of a program, None for what is none; raises TooMuchError past the bounds."""
    if len(source) > MAX_PARSED:
        raise TooMuchError(f"more than {MAX_PARSED} characters of a program")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    except (RecursionError, MemoryError) as error:
        raise TooMuchError("a program that is nested too deep") from error


def unparsed(node: ast.AST) -> str:
    """Return the text of a tree, nothing for one that is nested too deep to be written."""
    try:
        return ast.unparse(node)
    except (RecursionError, MemoryError, ValueError):
        return ""


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` of a name and its attributes, nothing for what is neither."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
