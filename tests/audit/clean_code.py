"""Honest hard negatives: functions with documentation out of the standard library and of installed packages."""

from __future__ import annotations

import ast
import hashlib
import itertools
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("numpy", "scipy", "sympy", "mpmath", "networkx", "jinja2", "pandas", "statsmodels", "hypothesis", "httpx")
"""Code like that of exercises: numbers, sequences, text. Those that are not installed are left out."""

MIN_LINES, MAX_LINES = 4, 60


def clean_functions(count: int) -> list[tuple[str, str]]:
    """Return (where, source) of ``count`` different functions, the same ones on a machine with the same packages.

    One of each source in turn: the standard library first, else one large package would be all there is.
    """
    library = Path(sysconfig.get_path("stdlib"))
    packages = Path(sysconfig.get_path("purelib"))
    folders = [library, *(packages / name for name in PACKAGES if (packages / name).is_dir())]
    turns = itertools.zip_longest(*(_functions(folder) for folder in folders))
    found: dict[str, str] = {}
    for where, source in (pair for turn in turns for pair in turn if pair):
        found.setdefault(source, where)
        if len(found) == count:
            break
    return [(where, source) for source, where in found.items()]


def _functions(folder: Path) -> Iterator[tuple[str, str]]:
    paths = [
        path
        for path in folder.rglob("*.py")
        if not {"site-packages", "test", "tests", "idlelib"} & set(path.relative_to(folder).parts)
    ]
    for path in sorted(paths, key=lambda path: hashlib.sha256(path.relative_to(folder).as_posix().encode()).digest()):
        yield from _of_file(path, path.relative_to(folder.parent).as_posix())


def _of_file(path: Path, where: str) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    lines = text.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            end = node.end_lineno or node.lineno
            if MIN_LINES <= end - node.lineno + 1 <= MAX_LINES:
                yield f"{where}:{node.lineno}", "\n".join(lines[node.lineno - 1 : end]) + "\n"
