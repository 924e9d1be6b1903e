"""A run of the track agents: one agent post-trained one base model for one benchmark within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

ExitReason = Literal[
    "finished",
    "failed",
    "budget",
    "budget-killed",
    "memory-limit",
    "disk-limit",
    "infrastructure",
]
"""``finished`` and ``failed``: solve.sh ended with status 0, or another. ``budget``: it ended when told to, as its
time was over; ``budget-killed``: it did not. With ``infrastructure`` the run is nobody's
score and is made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAgent:
    """Who ran. ``digest`` covers every file of the agent's folder; ``config`` is the text of AGENT_CONFIG."""

    entry: str
    name: str
    digest: str
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """What was to be improved. ``digest`` covers every file of the model's folder."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBenchmark:
    """What counts. ``dev_digest`` covers the items of the dev split as the agent got them."""

    name: str
    version: str
    dev_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExit:
    """``status`` is the last exit status of solve.sh, None where the supervisor ended it."""

    reason: ExitReason
    status: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Seconds since the run's start, and how long it took."""

    name: str
    began_sec: float
    duration_sec: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the side-car counted of one provider; ``cost_usd`` is None where it has no price."""

    provider: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One device, sampled from outside the container."""

    name: str
    mean_utilisation: float
    peak_memory_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What the run took. None is *not measured*, never zero.

    ``judge_questions`` are the verdicts that its calls of ``score`` asked a model for; None where no model judges.
    """

    cpu_sec: float | None = None
    memory_mb: float | None = None
    disk_mb: float | None = None
    gpus: tuple[Gpu, ...] = ()
    tokens: tuple[Tokens, ...] = ()
    cost_usd: float | None = None
    judge_questions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``final_model/`` as it was at ``at_sec``; ``why`` says what makes it invalid, and is empty for a valid one."""

    at_sec: float
    digest: str
    valid: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutFile:
    """A file of the agent that the copy leaves out; a path outside the workspace begins with a slash."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceCopy:
    """What ``workspace/`` and ``elsewhere/`` hold of the agent's files, and what they leave out (1000 are named)."""

    files: int
    size_bytes: int
    cut: tuple[CutFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """``counts`` is the digest of the last valid snapshot, which ``final_model/`` holds; None where there was none."""

    SCHEMA: ClassVar[str] = "agent-run"

    schema: Literal["agent-run/1"] = "agent-run/1"
    id: str
    agent: RunAgent
    base_model: BaseModel
    benchmark: RunBenchmark
    seed: int
    budget_sec: float
    started: str
    ended: str
    exit: AgentExit
    starts: int
    phases: tuple[Phase, ...]
    telemetry: Telemetry
    snapshots: tuple[Snapshot, ...]
    counts: str | None
    own_chat_template: bool = False
    workspace: WorkspaceCopy
    calls_of_scoring: int
    connections: int
    connections_refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A line of ``egress.jsonl``: one connection that the agent's container asked the proxy or the side-car for."""

    SCHEMA: ClassVar[str] = "agent-connection"

    time: str
    host: str
    port: int
    allowed: bool
    why: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringCall:
    """A line of ``scoring.jsonl``: one call of the scoring service, which knows the dev split alone."""

    SCHEMA: ClassVar[str] = "agent-scoring-call"

    at_sec: float
    kind: Literal["completions", "refused"]
    items: int
    score: float | None
    detail: str = ""
