"""A recipe: the fixed training settings; every value with its reason stands in ``sky/recipes/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.trial import Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretraining:
    """Repeat-copy pre-training of the embedded base model; its own ``seed``, so that all runs share one base."""

    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    warmup_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedModel:
    """The tiny Qwen3-architecture model, built from this configuration and a seed; ``phrases`` are single tokens."""

    hidden: int
    layers: int
    heads: int
    head_dim: int
    intermediate: int
    initializer_range: float
    context: int
    phrases: tuple[str, ...]
    pretraining: Pretraining


@dataclass(frozen=True, slots=True, kw_only=True)
class HubModel:
    """Weights published on the Hugging Face Hub, pinned to the commit ``revision``; ``context`` in tokens."""

    repo: str
    revision: str
    context: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """Where the base model comes from: exactly one of the two, as the schema demands."""

    embedded: EmbeddedModel | None = None
    hub: HubModel | None = None

    @property
    def source(self) -> EmbeddedModel | HubModel:
        """The one that is given."""
        source = self.embedded or self.hub
        if source is None:
            raise ValueError("a recipe's model is embedded or of a hub")
        return source

    @property
    def context(self) -> int:
        """The most tokens of a conversation."""
        return self.source.context


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Low-rank adapters on all linear layers."""

    rank: int
    alpha: int
    dropout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sft:
    """Supervised fine-tuning on verified demonstrations."""

    steps: int
    batch_size: int
    learning_rate: float
    warmup_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grpo:
    """Group-relative policy optimisation; ``tasks_per_step`` times ``generations`` trials a step."""

    steps: int
    tasks_per_step: int
    generations: int
    learning_rate: float
    warmup_steps: int
    max_grad_norm: float
    loss: Literal["dapo", "grpo", "dr_grpo"]
    beta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How a policy acts in a training trial; tokens per message, messages per trial."""

    max_turns: int
    max_tokens: int
    temperature: float
    concurrency: int
    isolation: Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSettings:
    """How checkpoints are evaluated; sampling is that of the rollouts."""

    trials_per_task: int
    baseline_trials_per_task: int
    concurrency: int
    isolation: Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What a run must show before its checkpoint may be scored."""

    max_steps_without_variance: int
    min_weight_change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All settings of a training run. Its digest stands in every result."""

    SCHEMA: ClassVar[str] = "recipe"

    schema: Literal["recipe/1"] = "recipe/1"
    name: str
    model: BaseModel
    lora: Lora
    teacher: Literal["oracle"]
    sft: Sft
    grpo: Grpo
    rollout: Rollout
    evaluation: EvaluationSettings
    gates: Gates
