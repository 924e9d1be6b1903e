"""What the detectors are given of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from posttrain_arena.core.audit.items import Protected
from posttrain_arena.core.audit.provenance import Weights
from posttrain_arena.model.agent_evaluation import AgentEvaluation
from posttrain_arena.model.agent_run import AgentRun, Connection
from posttrain_arena.model.audit import Flag, Status
from posttrain_arena.model.audit_references import KnownScore


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFile:
    """A file that the agent left: its path within the run, its content, and whether it may be executed.

    Where it is not ``whole``, ``data`` is how it begins.
    """

    path: str
    data: bytes
    executable: bool = False
    whole: bool = True


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
class Rendered:
    """What a chat template makes of prompts, one after the other; ``fault`` says why it could not be rendered.

    ``pieces`` are the texts that stand in it, ``names`` what it asks for from outside.
    """

    texts: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    fault: str = ""


Render = Callable[[str, Sequence[str]], Rendered]
"""A chat template and prompts in, each of them the one message of a user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``files`` can be gone through more than once. None is what is not at hand: then a detector does not judge.

    ``missing`` names what of the agent's files was not given, with the reason. ``model_files`` and ``base_files`` are
    those of the model that counts and of the base that are no weights; ``aside_files`` lay beside the model and were
    not used.
    """

    run: AgentRun
    evaluation: AgentEvaluation | None
    files: Iterable[AgentFile]
    missing: Sequence[str] = ()
    connections: Sequence[Connection] | None
    protected: Protected | None
    model: Weights | None
    base: Weights | None
    known: Sequence[Known] = ()
    model_files: Mapping[str, bytes] = field(default_factory=dict)
    base_files: Mapping[str, bytes] = field(default_factory=dict)
    aside_files: Mapping[str, bytes] = field(default_factory=dict)
    render: Render | None = None
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
