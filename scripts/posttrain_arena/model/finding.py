"""A finding: something an author must fix, or should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place an author can act on. ``line`` and ``column`` count from 1; None is the whole file or line."""

    SCHEMA: ClassVar[str] = "finding"

    rule: str
    severity: Severity
    path: str
    line: int | None = None
    column: int | None = None
    what: str
    how: str
