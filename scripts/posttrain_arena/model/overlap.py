"""An overlap: which tasks of an entry are of a suite. Private, since it names tasks of the suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["same-task", "near-task", "prompt", "solution", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapMatch:
    """A part of an entry and the task that it repeats, how, and by which share of it; ``file`` is the task's."""

    part: str
    task: str
    kind: Kind
    share: float
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """The evidence of one look at an entry; ``parts`` is the number of its packages and other folders."""

    SCHEMA: ClassVar[str] = "overlap"

    schema: Literal["overlap/1"] = "overlap/1"
    entry: str
    entry_digest: str
    suite_digest: str
    parts: int
    matches: tuple[OverlapMatch, ...]
