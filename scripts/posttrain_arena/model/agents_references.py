"""The scores that the agents' board stands on: base models, official instruct models, few-shot prompting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

ReferenceKind = Literal["base", "instruct", "few-shot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceScore:
    """The score of one model on one benchmark; ``standard_error`` over ``items`` where they are known."""

    kind: ReferenceKind
    model: str
    base_model: str
    benchmark: str
    score: float
    standard_error: float | None = None
    items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsReferences:
    """Every base model needs a base and an instruct score on every benchmark; few-shot scores may be left out."""

    SCHEMA: ClassVar[str] = "agents-references"

    schema: Literal["agents-references/1"] = "agents-references/1"
    scores: tuple[ReferenceScore, ...]
