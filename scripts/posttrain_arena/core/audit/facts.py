"""What the detectors are given of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from posttrain_arena.core.audit.items import Protected
from posttrain_arena.core.audit.provenance import Weights
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentRun, Connection
from posttrain_arena.model.audit import Flag, Status
from posttrain_arena.model.audit_references import KnownScore


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFile:
    """A file that the agent left: its path within the run, its content, and whether it may be executed."""

    path: str
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A model of others, as far as it is at hand."""

    name: str
    weights: Weights | None
    tensors: Mapping[str, str]
    scores: Sequence[KnownScore]
    honest_projection: float = 0.05
    evaluation: AgentEvaluation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``files`` can be gone through more than once. None is what is not at hand: then a detector does not judge.

    ``model_files`` and ``base_files`` are those of the handed-in model and of the base that are no weights.
    """

    run: AgentRun
    evaluation: AgentEvaluation | None
    files: Iterable[AgentFile]
    unread: Sequence[str] = ()
    connections: Sequence[Connection] | None
    protected: Protected | None
    model: Weights | None
    base: Weights | None
    known: Sequence[Known] = ()
    model_files: Mapping[str, bytes] = field(default_factory=dict)
    base_files: Mapping[str, bytes] = field(default_factory=dict)
    forbidden_hosts: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a detector says of a run; ``why`` is set where it could not judge."""

    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""

    @property
    def status(self) -> Status:
        """Say what follows for the run: what was found counts, also where not everything could be looked at."""
        if self.flags:
            return "flagged"
        return "not-judged" if self.why else "not-flagged"
