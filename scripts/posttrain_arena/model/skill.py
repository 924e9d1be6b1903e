"""A skill: the front matter of SKILL.md, as the Agent Skills specification has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """``allowed_tools`` is ``allowed-tools`` in the file; ``metadata`` may hold anything, a rule asks for text."""

    SCHEMA: ClassVar[str] = "skill"

    name: str
    description: str
    license: str = ""
    compatibility: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    allowed_tools: str | list[str] = ""
