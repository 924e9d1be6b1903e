"""The competition: every rule that is a number, a name or a date, as ``competition.yaml`` states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model.recipe import EvaluationSettings, HubModel
from posttrain_arena.model.reference_agent import AgentModel, AgentSampling, AgentServer, Harness, ReferenceAgent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many packages an entry holds: under ``min`` is a warning until the freeze, over ``max`` an error."""

    min: int
    recommended: int
    max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """The bounds of each track."""

    environments: Bounds
    skills: Bounds
    agents: Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One domain; ``aliases`` are names seen in the wild that mean it."""

    slug: str
    title: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Least and greatest value, both allowed."""

    min: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRanges:
    """What a task may ask for; the names are those of ``task.Limits``."""

    agent_timeout_sec: Range
    verifier_timeout_sec: Range
    build_timeout_sec: Range
    cpus: Range
    memory_mb: Range
    storage_mb: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimit:
    """How many scored runs an entry may have in ``days``; None is the whole phase."""

    at_most: int
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase; ``opens`` and ``closes`` are ISO days in UTC, None until announced.

    While a ``blind`` phase lasts neither bot nor board shows whose run is how good.
    """

    name: str
    opens: str | None
    closes: str | None
    entries: Literal["closed", "open", "frozen"]
    ranked: bool
    note: str
    runs: RunLimit | None = None
    blind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of pull requests."""

    passed: str
    fix: str
    broken: str
    post_train: str
    running: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSample:
    """The tasks that everybody may see; ``digest`` is None until they are published."""

    tasks: int
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSuite:
    """The tasks that nobody sees before the reveal; ``root`` and ``analysis`` are None until it is sealed."""

    version: Literal["pta-commit-v1"]
    tasks: int
    min_per_domain: int
    root: str | None
    analysis: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suites:
    """What checkpoints are evaluated on."""

    max_domain_share: float
    public_sample: PublicSample
    sealed: SealedSuite


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The reference that entries are lifted over; None until it is fixed."""

    model: str | None
    recipe: str | None
    evaluation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenAgent:
    """The reference agent of the track skills; as a document of its own it is ``reference_agent.ReferenceAgent``."""

    name: str
    model: HubModel
    harness: Harness
    sampling: AgentSampling
    server: AgentServer
    evaluation: EvaluationSettings
    max_lost_share: float

    def document(self) -> ReferenceAgent:
        """Return the agent as jobs pin it."""
        return ReferenceAgent(
            name=self.name,
            model=AgentModel(hub=self.model),
            harness=self.harness,
            sampling=self.sampling,
            server=self.server,
            evaluation=self.evaluation,
            max_lost_share=self.max_lost_share,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRuns:
    """The runs of the track agents. ``hosts`` are those that an agent may reach if its manifest names them too."""

    budget_sec: float
    benchmarks: tuple[str, ...]
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPlan:
    """How evaluations are compared; its digest stands in every score."""

    version: str
    method: str
    level: float
    trials_per_task: int
    baseline_trials_per_task: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageHours:
    """How long one machine may take for a stage."""

    post_train: float
    evaluate: float
    baseline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """What rented machines may cost, in US dollars, how many jobs run at once, and on how many machines."""

    entry_usd: float
    total_usd: float
    parallel_jobs: int
    evaluation_machines: int
    hours: StageHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Competition:
    """The whole of ``competition.yaml``."""

    SCHEMA: ClassVar[str] = "competition"

    schema: Literal["competition/1"] = "competition/1"
    name: str
    repository: str
    tracks: Tracks
    domains: tuple[Domain, ...]
    limits: LimitRanges
    licenses: tuple[str, ...]
    phases: tuple[Phase, ...]
    labels: Labels
    suites: Suites
    baseline: Baseline
    reference_agent: FrozenAgent
    agent_runs: AgentRuns
    analysis: AnalysisPlan
    compute: Compute
