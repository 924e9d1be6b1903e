"""Read the Python files of a package: bounded, never run."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from posttrain_arena.core.check.draft import Draft

MAX_PYTHON_CHARS = 100_000
"""A longer file is data that ends in .py."""

MAX_PYTHON_TOTAL = 1_000_000
"""Bytes of Python that are read per package."""

_NEWER = re.compile(r"\s*(type\s+\w+|(async\s+)?def\s+\w+\s*\[|class\s+\w+\s*\[|except\s+[\w.]+\s*,)|.*\b[tT]r?[\"']")
"""Lines that a later Python than the checker's may well take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """``tree`` is None where the file is not Python, or too long; ``fault`` is a line and what is wrong there."""

    tree: ast.Module | None
    fault: tuple[int, str] | None = None


def python_fault(text: str) -> tuple[int, str] | None:
    """Return a line of Python source that cannot be read and why, None where all can; costs half of reading a tree."""
    if len(text) > MAX_PYTHON_CHARS or "\0" in text:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(text, "", "exec")
    except SyntaxError:
        return read_python(text).fault
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


@lru_cache(maxsize=4)  # a tree is a hundred times as large as its text
def read_python(text: str) -> Code:
    """Read Python source; never raises for what an author can write."""
    if len(text) > MAX_PYTHON_CHARS or "\0" in text:
        return Code(tree=None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Code(tree=ast.parse(text))
    except SyntaxError as error:
        line = error.lineno or 1
        return Code(tree=None, fault=None if _may_be_newer(text, line, error.msg) else (line, error.msg))
    except (ValueError, RecursionError, MemoryError):
        return Code(tree=None)


def python_files(draft: Draft, *folders: str) -> Iterator[str]:
    """Yield the names of the Python files in some folders of a package, up to MAX_PYTHON_TOTAL in all; no data."""
    room = MAX_PYTHON_TOTAL
    for folder in folders:
        for name in draft.listing.files(folder):
            if name.endswith(".py") and "/data/" not in name and room > 0:
                room -= draft.listing.entries[name].size
                yield name


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` of an expression, "" of any other."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def _may_be_newer(text: str, line: int, message: str) -> bool:
    lines = text.split("\n")
    return message.startswith("f-string") or (line <= len(lines) and _NEWER.match(lines[line - 1]) is not None)
