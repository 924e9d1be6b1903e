"""An evaluation of the track agents: the scores of one model on the hidden split of one benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

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
    """One benchmark. ``split_digest`` covers the items; ``score`` is the mean over items of the mean over samples."""

    benchmark: str
    version: str
    split_digest: str
    generation: Generation
    score: float
    standard_error: float
    items: tuple[ItemResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEvaluation:
    """``run`` is the digest of run.json, None for the evaluation of a reference: the base model itself.

    ``fallback`` says why the base model was evaluated in place of the agent's, and is empty where it was not.
    """

    SCHEMA: ClassVar[str] = "agent-evaluation"

    schema: Literal["agent-evaluation/1"] = "agent-evaluation/1"
    run: str | None
    model: str
    base_model: str
    fallback: str = ""
    chat_template: Literal["base", "own"]
    seed: int
    hidden: SuiteResult
    regression: tuple[SuiteResult, ...] = ()
