"""Tell an agent's programs from its other files, and put them in the order in which they are used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from posttrain_arena.core.audit.facts import AgentFile, Facts
from posttrain_arena.core.audit.reading import text_of
from posttrain_arena.core.audit.records import Records
from posttrain_arena.core.audit.unseen import cut_away

START = "agent/solve.sh"
SUFFIXES = frozenset(
    {
        ".sh",
        ".bash",
        ".py",
        ".ipynb",
        ".pl",
        ".rb",
        ".lua",
        ".r",
        ".jl",
        ".js",
        ".ts",
        ".go",
        ".rs",
        ".c",
        ".cpp",
        ".cu",
    }
)
MAX_LOOKED_AT = 1 << 18
"""Characters of a program in which the names of others are looked for."""

_WORD = re.compile(r"[\w.-]+")


def in_order(files: Sequence[AgentFile]) -> tuple[list[AgentFile], list[AgentFile]]:
    """Return programs and other files: solve.sh, what it names, what that names, and so on, then those nobody names.

    What an installed package brought, as its RECORD has it, is none of the agent's programs.
    """
    records = Records(files)
    programs = [file for file in files if _is_program(file) and not records.has(file)]
    apart = {file.path for file in programs}
    return _as_used(programs), [file for file in files if file.path not in apart]


def not_at_hand(facts: Facts) -> Iterable[str]:
    """Return what may be a program and was not given, or was left out of the copy."""
    cut = [name for path, name in cut_away(facts.run.workspace) if _suffix(path) in ("", *SUFFIXES)]
    return (*facts.missing, *cut)


def _is_program(file: AgentFile) -> bool:
    return _suffix(file.path) in SUFFIXES or file.data[:2] == b"#!"


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _as_used(programs: Sequence[AgentFile]) -> list[AgentFile]:
    order = [file for file in programs if file.path == START]
    rest = [file for file in programs if file.path != START]
    for file in order:  # grows meanwhile
        words = set(_WORD.findall((text_of(file.data) or "")[:MAX_LOOKED_AT]))
        order += [other for other in rest if _named(other, words)]
        rest = [other for other in rest if not _named(other, words)]
    return order + rest


def _named(file: AgentFile, words: set[str]) -> bool:
    path = PurePosixPath(file.path)
    return path.name in words or path.stem in words
