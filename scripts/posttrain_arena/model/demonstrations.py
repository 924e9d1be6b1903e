"""What a teacher showed of each task, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class DemonstratedTask:
    """The trials of one task; tokens are sums over the teacher's messages, costs US dollars."""

    task: str
    attempts: int
    passed: int
    lost: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrations:
    """All tasks of an entry, in its order."""

    SCHEMA: ClassVar[str] = "demonstrations"

    schema: Literal["demonstrations/1"] = "demonstrations/1"
    teacher: str
    tasks: tuple[DemonstratedTask, ...]
