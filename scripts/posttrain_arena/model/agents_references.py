"""The scores that the agents' board stands on: base models, official instruct models, few-shot prompting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

ReferenceKind = Literal["base", "instruct", "few-shot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenSplit:
    """What the scores of a benchmark were measured on; scores of different splits are not compared.

    ``digest`` covers the items, ``seed`` is the evaluation's, and ``judge`` names the model that judges the answers,
    empty where none does.
    """

    version: str
    digest: str
    seed: int
    judge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceScore:
    """The score of one model on one benchmark; ``standard_error`` over ``items`` where they are known.

    ``evaluation`` is the digest of the document that it was taken from, None where others published the score.
    """

    kind: ReferenceKind
    model: str
    base_model: str
    benchmark: str
    score: float
    standard_error: float | None = None
    items: int | None = None
    evaluation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsReferences:
    """Every base model needs a base and an instruct score on every benchmark; few-shot scores may be left out.

    ``budget_sec``, ``base_models`` (name → digest of the folder) and ``splits`` (by benchmark) are what the scores were
    measured with, and what every published run must have been measured with too.
    """

    SCHEMA: ClassVar[str] = "agents-references"

    schema: Literal["agents-references/1"] = "agents-references/1"
    budget_sec: float | None = None
    base_models: dict[str, str] = field(default_factory=dict)
    splits: dict[str, HiddenSplit] = field(default_factory=dict)
    scores: tuple[ReferenceScore, ...]
