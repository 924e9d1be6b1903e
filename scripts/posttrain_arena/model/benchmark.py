"""A benchmark of the track agents: what it is, and one item of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How completions are sampled; each has a seed of its own, made of the evaluation's seed, item and number."""

    samples: int
    temperature: float
    top_p: float
    max_tokens: int
    context: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkCard:
    """What agents and organisers are told of a benchmark.

    ``scorer`` names what judges completions, in a process of its own. ``fallback`` is what counts for a run without a
    valid model: the base model's score.
    """

    SCHEMA: ClassVar[str] = "benchmark"

    schema: Literal["benchmark/1"] = "benchmark/1"
    name: str
    version: str
    description: str
    scorer: str
    generation: Generation
    fallback: Literal["base"] = "base"
    dev_items: int
    hidden_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. ``reference`` is what the scorer needs to judge a completion, right answers included."""

    SCHEMA: ClassVar[str] = "benchmark-item"

    id: str
    prompt: str
    reference: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelJudge:
    """An OpenAI-compatible endpoint; ``variable`` names the environment variable with its key.

    ``questions_per_run`` is how many verdicts the calls of ``score`` may ask for in one run of an agent.
    """

    url: str
    model: str
    variable: str = ""
    questions_per_run: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """``path`` is taken from the folder of the document; ``sha256`` is what the file must have."""

    benchmark: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkData:
    """Where the published benchmarks lie that no package brings, and which model judges free answers."""

    SCHEMA: ClassVar[str] = "benchmark-data"

    schema: Literal["benchmark-data/1"] = "benchmark-data/1"
    files: tuple[DataFile, ...] = ()
    judge: ModelJudge | None = None
