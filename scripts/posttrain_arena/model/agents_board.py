"""The agents' board: agents by base models by benchmarks, what counts in each cell and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.agents_cells import Fallback
from posttrain_arena.model.agents_references import HiddenSplit, ReferenceKind
from posttrain_arena.model.agents_result import ResultAudit
from posttrain_arena.model.change import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkWeight:
    """A column. ``base`` and ``instruct`` are means over the base models, from which the weight follows."""

    name: str
    weight: float
    base: float
    instruct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsCell:
    """One run in one cell. ``used`` counts: ``raw``, or with a ``reason`` the base model's score."""

    run: str | None
    attempt: int
    raw: float | None
    used: float
    reason: Fallback | None
    why: str = ""
    standard_error: float | None = None
    items: int = 0
    wall_sec: float | None = None
    cost_usd: float | None = None
    exit: str = ""
    chat_template: Literal["base", "own"] = "base"
    audit: ResultAudit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellGroup:
    """All attempts at one base model and benchmark; ``sd`` is the sample SD, None for one attempt."""

    base_model: str
    benchmark: str
    mean: float
    sd: float | None
    n: int
    attempts: tuple[AgentsCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkMean:
    """A mean over the base models; ``sd`` is the plain mean of the SDs of their cells."""

    benchmark: str
    mean: float
    sd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnflaggedMean:
    """The mean of a benchmark over the ``cells`` that are left, of all attempts together; None where none is."""

    benchmark: str
    mean: float | None
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unflagged:
    """An agent without its flagged cells; ``n`` attempts have a cell left.

    Weights are made to sum to 1 again over the benchmarks that are left of an attempt.
    """

    average: float
    sd: float | None
    standard_error: float | None
    n: int
    benchmarks: tuple[UnflaggedMean, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """One agent. ``standard_error`` is ``sd`` by the root of ``n`` attempts; ``item_error`` is that of the items alone.

    ``fallbacks`` and ``flagged`` count cells of all attempts. ``wall_sec`` and ``cost_usd`` are sums over all runs.
    ``unflagged`` is the same agent without its flagged cells, None where all are flagged.
    """

    agent: str
    entry: str
    average: float
    sd: float | None
    standard_error: float | None
    item_error: float | None
    n: int
    scores: tuple[float, ...]
    unflagged: Unflagged | None
    fallbacks: int
    flagged: int
    wall_sec: float | None
    cost_usd: float | None
    benchmarks: tuple[BenchmarkMean, ...]
    cells: tuple[CellGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceCell:
    """One score of a reference; None where nobody measured it, which then counts as the base model's."""

    model: str
    base_model: str
    benchmark: str
    score: float | None
    standard_error: float | None = None
    items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """A row that is there to compare with and has no rank."""

    kind: ReferenceKind
    average: float
    benchmarks: tuple[BenchmarkMean, ...]
    cells: tuple[ReferenceCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsBoard:
    """``agents`` by average, then name; base models and benchmarks in the order in which they are shown.

    ``budget_sec``, ``base_digests`` and ``splits`` are what all runs have in common; where others published the cells
    they are not known. ``digest`` is that of all the rest.
    """

    SCHEMA: ClassVar[str] = "agents-board"

    schema: Literal["agents-board/1"] = "agents-board/1"
    digest: str
    budget_sec: float | None
    base_digests: dict[str, str]
    splits: dict[str, HiddenSplit]
    base_models: tuple[str, ...]
    benchmarks: tuple[BenchmarkWeight, ...]
    agents: tuple[AgentRow, ...]
    references: tuple[ReferenceRow, ...]
    changes: tuple[Change, ...] = ()
