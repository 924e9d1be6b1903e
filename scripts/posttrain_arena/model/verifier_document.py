"""The front matter of ``verifier/verifier.md``: how a trial is scored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

StrategyType = Literal["script", "llm-judge", "reward-kit", "agent-judge", "ors-episode"]
Combine = Literal["weighted_sum", "weighted_mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way of scoring; the arena runs scripts, whose ``command`` is relative to ``verifier/``."""

    type: StrategyType
    command: str | None = None
    timeout_sec: float | None = None
    env: Any = None
    rubric: Any = None
    model: Any = None
    input_dir: Any = None
    context: Any = None
    context_file: Any = None
    root: Any = None
    entrypoint: Any = None
    criteria: Any = None
    role: Any = None
    isolation: Any = None
    inputs: Any = None
    format: Any = None
    reward_aggregation: Any = None
    terminal_policy: Any = None
    description: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One thing the reward looks at; ``source`` is a strategy or free text."""

    weight: float
    source: str
    description: Any = None
    criteria: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """How the dimensions make one reward."""

    combine: Combine
    dimensions: dict[str, Dimension]
    files: Any = None
    description: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the verifier writes the reward and the single checks."""

    reward_text: str = "/logs/verifier/reward.txt"
    reward_json: str = "/logs/verifier/reward.json"
    details_json: str = "/logs/verifier/ctrf.json"
    aggregate_policy: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """The strategies of a package's verifier and what becomes of their numbers.

    ``default_strategy`` may be left out where there is one strategy. A verifier without a rubric has one dimension.
    """

    strategies: dict[str, Strategy]
    name: str | None = None
    default_strategy: str | None = None
    rubric: Rubric | None = None
    outputs: Outputs = field(default_factory=Outputs)
    description: Any = None
    inputs: Any = None
    judges: Any = None
    criteria: Any = None
    reward_range: Any = None
    pass_threshold: Any = None
    timeout_sec: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierDocument:
    """The whole front matter; ``document_version`` is 0.3, quoted or not."""

    SCHEMA: ClassVar[str] = "verifier"

    verifier: Verifier
    document_version: str | float | None = None
    metadata: Any = None
