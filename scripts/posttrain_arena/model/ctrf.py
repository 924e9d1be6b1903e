"""A verifier's single checks, in the Common Test Report Format; keys that the arena does not name are not kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Status = Literal["passed", "failed", "skipped", "pending", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What ran the checks."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many checks ended in which way; ``start`` and ``stop`` are milliseconds since 1970."""

    tests: int
    passed: int
    failed: int
    pending: int
    skipped: int
    other: int
    start: float
    stop: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One check; ``duration`` is in milliseconds."""

    name: str
    status: Status
    duration: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The checks in the order in which they ran, and their totals."""

    tool: Tool
    summary: Summary
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ctrf:
    """The content of ``ctrf.json``."""

    SCHEMA: ClassVar[str] = "ctrf"

    results: Results
