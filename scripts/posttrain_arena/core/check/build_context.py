"""What a build sees of environment/: its files, less what .dockerignore leaves out, matched as Docker matches."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from posttrain_arena.core.check.draft import Draft

FOLDER = "environment/"
IGNORE_FILES = ("environment/Dockerfile.dockerignore", "environment/.dockerignore")
MAX_IGNORE_LINES = 200
MAX_COMPARISONS = 40_000
"""Patterns times names: more than any author needs, few enough that a hostile package is judged in a second."""

MAX_PATTERN_CHARS = 255
"""The longest name that a file can have."""

_WILD = re.compile(r"[*?\[\\]")


@dataclass(slots=True)
class Context:
    """``names`` maps what lies in environment/ to whether it holds a file; ``spent`` counts comparisons."""

    names: dict[str, bool]
    ignored: list[tuple[bool, list[str]]] = field(default_factory=list)
    spent: int = 0

    def outside(self, source: str) -> bool:
        """Say whether a source lies above environment/."""
        return posixpath.normpath(source.lstrip("/") or ".").split("/")[0] == ".."

    def found(self, source: str) -> list[str] | None:
        """Return what a source names, "" for the whole context; None where that would take too long to say."""
        plain = posixpath.normpath(source.lstrip("/") or ".")
        if plain == ".":
            return [""]
        if plain in self.names:
            return [plain]
        if not _WILD.search(plain):
            return []
        pattern = plain.split("/")
        self.spent += len(self.names)
        if self.spent > MAX_COMPARISONS or len(plain) > MAX_PATTERN_CHARS:
            return None
        return [name for name in self.names if matches(pattern, name.split("/"))]

    def holds_files(self, name: str) -> bool:
        """Say whether a name is a file or a folder with files in it."""
        return any(self.names.values()) if not name else self.names[name]

    def left_out(self, name: str) -> bool:
        """Say whether .dockerignore leaves out a file, or all files of a folder."""
        if not name or not self.ignored:
            return False
        inside = [other for other, full in self.names.items() if full and other.startswith(name + "/")]
        self.spent += (len(inside) + 1) * len(self.ignored)
        return self.spent <= MAX_COMPARISONS and all(self._ignores(other) for other in inside or [name])

    def _ignores(self, name: str) -> bool:
        parts = name.split("/")
        out = False
        for keep, pattern in self.ignored:
            if out == keep and any(matches(pattern, parts[:depth]) for depth in range(1, len(parts) + 1)):
                out = not keep
        return out


def read_context(draft: Draft) -> Context:
    """Return what a build of this package sees."""
    entries = {path: entry for path, entry in draft.listing.entries.items() if path.startswith(FOLDER)}
    names = {path.removeprefix(FOLDER): entry.kind != "folder" for path, entry in entries.items()}
    for name in [name for name, full in names.items() if full]:
        while name := posixpath.dirname(name):
            names[name] = True
    ignore = next((draft.lenient(name) for name in IGNORE_FILES if draft.listing.is_file(name)), "")
    return Context(names, list(_patterns(ignore.split("\n"))))


def _patterns(lines: Iterable[str]) -> Iterable[tuple[bool, list[str]]]:
    kept = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for line in kept[:MAX_IGNORE_LINES]:
        plain = posixpath.normpath(line.removeprefix("!").strip().lstrip("/") or ".")
        if len(plain) <= MAX_PATTERN_CHARS and plain != ".":
            yield line.startswith("!"), plain.split("/")


def matches(pattern: list[str], parts: list[str]) -> bool:
    """Say whether a path fits a pattern, both split at ``/``; ``**`` stands for any number of folders."""
    return _wild(pattern, parts, star="**", fits=_fits)


def _fits(pattern: str, name: str) -> bool:
    if pattern == name or pattern == "*":
        return True
    if not _WILD.search(pattern):
        return False
    return _wild(_pieces(pattern), name, star="*", fits=_is)


def _wild(pattern: Sequence[str], things: Sequence[str], *, star: str, fits: Callable[[str, str], bool]) -> bool:
    """Match one by one; ``star`` stands for any number. Goes back to the last star alone, so the time is bounded."""
    at = there = 0
    last, mark = -1, 0
    while there < len(things):
        if at < len(pattern) and pattern[at] == star:
            last, mark = at, there
            at += 1
        elif at < len(pattern) and fits(pattern[at], things[there]):
            at += 1
            there += 1
        elif last >= 0:
            mark += 1
            at, there = last + 1, mark
        else:
            return False
    return all(piece == star for piece in pattern[at:])


def _pieces(pattern: str) -> list[str]:
    found = re.findall(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|.", pattern)
    return [piece for at, piece in enumerate(found) if piece != "*" or at == 0 or found[at - 1] != "*"]


def _is(piece: str, character: str) -> bool:
    if piece == "?":
        return True
    if piece.startswith("[") and len(piece) > 2:
        body = piece[1:-1]
        wanted = not body.startswith("^")
        return _in_class(body.removeprefix("^"), character) == wanted
    return piece[-1] == character


def _in_class(body: str, character: str) -> bool:
    at = 0
    while at < len(body):
        low = body[at + 1] if body[at] == "\\" and at + 1 < len(body) else body[at]
        at += 2 if body[at] == "\\" else 1
        high = low
        if body[at : at + 1] == "-" and at + 1 < len(body):
            high = body[at + 1]
            at += 2
        if low <= character <= high:
            return True
    return False
