"""The reference agent: the one agent that every entry of the track skills is measured with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model import documents
from posttrain_arena.model.recipe import EmbeddedModel, EvaluationSettings, HubModel, Recipe, Rollout


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """How the embedded agent learns to read skills: made-up episodes with at most ``most_skills``.

    ``topics`` are what tasks ask for and skills are named after, ``words`` what else stands in texts, scripts' names
    among it. What a script does is in no lesson.
    """

    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    warmup_steps: int
    most_skills: int
    topics: tuple[str, ...]
    words: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtModel:
    """An embedded model that was taught to read skills; ``base`` is what it was before."""

    base: EmbeddedModel
    lessons: Lessons

    @property
    def context(self) -> int:
        """The most tokens of a conversation."""
        return self.base.context


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentModel:
    """Where the agent's weights come from: exactly one of the two, as the schema demands."""

    taught: TaughtModel | None = None
    hub: HubModel | None = None

    @property
    def source(self) -> TaughtModel | HubModel:
        """The one that is given."""
        source = self.taught or self.hub
        if source is None:
            raise ValueError("a reference agent's model is taught or of a hub")
        return source

    @property
    def context(self) -> int:
        """The most tokens of a conversation."""
        return self.source.context


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """What stands between model and sandbox; ``version`` names the tools and how the agent is told of skills.

    Of a command's output beyond ``output_limit`` characters the agent sees head and tail.
    """

    version: Literal["bash-skills-1"]
    max_turns: int
    output_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSampling:
    """How the model's messages are drawn; tokens per message."""

    temperature: float
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentServer:
    """What serves the model; without ``devices`` on the CPU."""

    backend: Literal["transformers", "vllm"]
    dtype: Literal["float32", "bfloat16"]
    sequences: int
    devices: tuple[int, ...] | None
    tensor_parallel: int | None
    memory_fraction: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceAgent:
    """Everything that decides what the agent does with a task. Its digest stands in every result of the track."""

    SCHEMA: ClassVar[str] = "reference-agent"

    schema: Literal["reference-agent/1"] = "reference-agent/1"
    name: str
    model: AgentModel
    harness: Harness
    sampling: AgentSampling
    server: AgentServer
    evaluation: EvaluationSettings
    max_lost_share: float

    @property
    def rollout(self) -> Rollout:
        """How it acts in a trial."""
        return Rollout(
            max_turns=self.harness.max_turns,
            max_tokens=self.sampling.max_tokens,
            temperature=self.sampling.temperature,
            concurrency=self.evaluation.concurrency,
            isolation=self.evaluation.isolation,
        )

    @property
    def output_limit(self) -> int:
        """The most characters of a command's output that it is shown."""
        return self.harness.output_limit


def equipped(model: str, skills: str) -> str:
    """Return the digest of an agent that has skills: of its model, and of the entry that they are of."""
    return documents.digest({"model": model, "skills": skills})


Acting = Recipe | ReferenceAgent
"""What says how a model acts and how it is evaluated: the settings of a training, or an agent that is never trained."""
