"""An evaluation of the track agents: the scores of one model on the hidden split of one benchmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from posttrain_arena.model.agents_references import ReferenceKind
from posttrain_arena.model.benchmark import Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item: a score in [0, 1] and the completion of each sample, and of what lost samples the reasons."""

    id: str
    scores: tuple[float, ...]
    completions: tuple[str, ...]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """One benchmark. ``split_digest`` covers the items; ``score`` is the mean over items of the mean over samples.

    ``judge`` names the model that judged the answers, and is empty where none did; ``lost`` counts the samples that
    have no score of their own, by reason.
    """

    benchmark: str
    version: str
    split_digest: str
    judge: str = ""
    generation: Generation
    score: float
    standard_error: float
    lost: dict[str, int] = field(default_factory=dict)
    items: tuple[ItemResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedReference:
    """A model that no agent made, and the base model beside which it stands, by their names.

    ``shots`` is how many answered questions of the dev split it was shown before each of the hidden ones.
    """

    kind: ReferenceKind
    model: str
    base_model: str
    shots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEvaluation:
    """``run`` is the digest of run.json, None where a ``reference`` was evaluated; ``base_model`` is a digest.

    ``reason`` is why the base model was evaluated in place of the agent's, None where it was not; ``fallback`` says so
    in words.
    """

    SCHEMA: ClassVar[str] = "agent-evaluation"

    schema: Literal["agent-evaluation/1"] = "agent-evaluation/1"
    run: str | None
    reference: EvaluatedReference | None = None
    model: str
    base_model: str
    reason: Literal["model-not-submitted", "evaluation-failed"] | None = None
    fallback: str = ""
    chat_template: Literal["base", "own"]
    seed: int
    hidden: SuiteResult
    regression: tuple[SuiteResult, ...] = ()
