"""A recipe: the fixed training settings; every value with its reason stands in ``sky/recipes/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.trial import OUTPUT_LIMIT, Isolation


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
class Trainer:
    """What updates the weights. ``micro_batch`` sequences at once on a device, all of its share where it is None.

    ``processes`` share the batches of GRPO, each on a device of its own; SFT, which takes minutes, has one. With
    ``sharding`` they share the weights too, in SFT as well, of a base model that is too large for one device.
    """

    backend: Literal["trl", "unsloth"]
    dtype: Literal["float32", "bfloat16"]
    micro_batch: int | None
    gradient_checkpointing: bool
    processes: int
    sharding: Literal["none", "fsdp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Low-rank adapters on all linear layers."""

    rank: int
    alpha: int
    dropout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTeacher:
    """A model behind an OpenAI-compatible endpoint, which the environment names; prices in US$ per million tokens."""

    model: str
    max_turns: int
    max_tokens: int
    context: int
    temperature: float
    prompt_price: float
    completion_price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    """Who demonstrates: a model, or the package's oracle where ``chat`` is None; until one of ``attempts`` passes."""

    attempts: int
    chat: ChatTeacher | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sft:
    """Supervised fine-tuning on verified demonstrations of at most ``max_length`` tokens.

    A ``validation_share`` of the tasks is kept out, and its loss taken every ``evaluate_every`` steps, where a
    checkpoint is kept too. ``select`` says which weights go on: the last, or those of the least validation loss, the
    untrained ones among them.
    """

    steps: int
    batch_size: int
    learning_rate: float
    warmup_steps: int
    max_length: int
    packing: bool
    validation_share: float
    evaluate_every: int | None
    select: Literal["last", "validation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grpo:
    """Group-relative policy optimisation; ``tasks_per_step`` times ``generations`` trials a step.

    The policy that samples is at most ``max_staleness`` updates behind. ``reserve_groups`` of a step may stand in for
    groups whose rewards are equal. ``importance_cap`` bounds the weight of a token by which the sampler's likelihood
    is corrected, None does not correct. ``stop_after_solved_steps`` in which every trial passed end the run.
    """

    steps: int
    tasks_per_step: int
    generations: int
    learning_rate: float
    warmup_steps: int
    max_grad_norm: float
    loss: Literal["dapo", "grpo", "dr_grpo"]
    beta: float
    max_staleness: int
    reserve_groups: int
    importance_cap: float | None
    stop_after_solved_steps: int | None


RUN_DEVICES = "ARENA_DEVICES"
"""The environment variable with the devices of a run, those of trainer and server: ``Server.devices`` counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What serves the policy; without ``devices`` on the CPU. ``sync_tolerance`` in nats a token."""

    backend: Literal["transformers", "vllm"]
    dtype: Literal["float32", "bfloat16"]
    sequences: int
    devices: tuple[int, ...] | None
    tensor_parallel: int | None
    memory_fraction: float | None
    sync_tolerance: float


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
    """What a run must show before its checkpoint may be scored; entropy and divergence in nats a token."""

    max_steps_without_variance: int
    min_weight_change: float
    min_entropy: float
    max_sampler_kl: float
    max_lost_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All settings of a training run. Its digest stands in every result."""

    SCHEMA: ClassVar[str] = "recipe"

    schema: Literal["recipe/1"] = "recipe/1"
    name: str
    model: BaseModel
    trainer: Trainer
    lora: Lora
    teacher: Teacher
    sft: Sft
    grpo: Grpo
    server: Server
    rollout: Rollout
    evaluation: EvaluationSettings
    gates: Gates

    @property
    def max_lost_share(self) -> float:
        """The share of an evaluation's trials that may be lost."""
        return self.gates.max_lost_share

    @property
    def output_limit(self) -> int:
        """The most characters of a command's output that the policy is shown: as in the demonstrations."""
        return OUTPUT_LIMIT
