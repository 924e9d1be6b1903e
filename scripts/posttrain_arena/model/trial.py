"""A trial: one attempt by one agent at one task in a fresh sandbox, scored into one reward."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Owner = Literal["author", "infrastructure", "us"]
Stage = Literal["build", "start", "agent", "verifier", "reward"]
Isolation = Literal["fresh", "warm"]
ExitReason = Literal["completed", "submitted", "turn-limit", "token-limit", "timeout", "failed"]

OUTPUT_LIMIT = 2000
"""Characters of a command's output that an agent is shown, so that an episode of many commands fits into a context.

A reference agent has a limit of its own, since it reads pages.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A stage that did not finish, and whose fault that is. ``reason`` is a stable slug, ``detail`` is prose."""

    SCHEMA: ClassVar[str] = "failure"

    stage: Stage
    owner: Owner
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One tool call; ``arguments`` is decoded JSON. ``malformed`` is what the model wrote where that is no object."""

    name: str
    arguments: dict[str, Any]
    malformed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a trajectory.

    ``token_ids`` are exactly the ids that entered or left the model, in order and without overlap: their
    concatenation over the turns of one ``context`` is the sequence the model saw. ``logprobs`` (natural log, one per
    token) exist only where the model sampled the tokens; None where the server gave none. A conversation begins a
    context, and so does a cut of old tool output: a turn of the role ``context`` then has the whole prompt anew.
    ``cut_chars`` counts what the model did not see of a tool's output, or what was cut from its context.
    ``participant`` is the role that the model plays in a ``scene``; both are empty where the task has none.
    """

    role: Literal["system", "user", "assistant", "tool", "context"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    token_ids: tuple[int, ...] | None = None
    logprobs: tuple[float, ...] | None = None
    exit_code: int | None = None
    duration_sec: float = 0.0
    context: int = 0
    scene: str = ""
    participant: str = ""
    cut_chars: int = 0
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Wall seconds of each phase of a trial; ``model_sec`` is the part of ``agent_sec`` spent in the model."""

    start_sec: float = 0.0
    agent_sec: float = 0.0
    model_sec: float = 0.0
    capture_sec: float = 0.0
    verify_sec: float = 0.0

    def total_sec(self) -> float:
        """Return the wall seconds of all phases."""
        return self.start_sec + self.agent_sec + self.capture_sec + self.verify_sec


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRequest:
    """One request of an agent whose task has an allow list.

    ``unreachable`` is an allowed host that has no address where the trial ran, or does not answer. ``why`` says why
    nothing came through, and is empty where something did.
    """

    host: str
    port: int
    allowed: bool
    why: str = ""
    unreachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The most that a phase's container used; None where the engine does not tell.

    ``memory_mb`` and ``disk_mb`` are of a million bytes, ``disk_mb`` is what was written over the image.
    """

    memory_mb: float | None = None
    cpu_sec: float | None = None
    disk_mb: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The record of one trial. ``reward`` is None when no valid reward was written (absent is not zero).

    ``retries`` has the failure of each earlier try that was lost for no fault of the task.
    """

    SCHEMA: ClassVar[str] = "trial"

    schema: Literal["trial/1"] = "trial/1"
    task: str
    task_digest: str
    agent: str
    attempt: int
    seed: int
    isolation: Isolation
    image: str | None
    reward: float | None
    passed: bool
    exit_reason: ExitReason
    failure: Failure | None
    timings: Timings
    trajectory: tuple[Turn, ...] = ()
    agent_log: str = ""
    verifier_log: str = ""
    agent_usage: Usage = field(default_factory=Usage)
    verifier_usage: Usage = field(default_factory=Usage)
    requests: tuple[NetworkRequest, ...] = ()
    retries: tuple[Failure, ...] = ()

    @property
    def lost(self) -> bool:
        """Say whether the trial failed for no fault of its task: it says nothing of the agent or the package."""
        return self.failure is not None and self.failure.owner != "author"
