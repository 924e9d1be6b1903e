"""What a trial needs from a container engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure, Isolation, NetworkRequest, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """``exit_code`` is None when the command did not end (``timed_out``) or took the shell with it.

    ``waited_sec``, for which it waited for cores before it began, is no part of ``duration_sec``.
    """

    output: str
    exit_code: int | None
    timed_out: bool = False
    duration_sec: float = 0.0
    waited_sec: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierRun:
    """What the verifier left: the reward files as bytes, its log, and what went wrong on our side if anything did."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    log: str = ""
    exit_code: int | None = None
    timed_out: bool = False
    usage: Usage = field(default_factory=Usage)


class Sandbox(Protocol):
    """The agent's container of one trial, with one shell that lasts as long as the trial."""

    def run(self, command: str, *, timeout_sec: float) -> CommandResult:
        """Run ``command`` in the shell; output is stdout and stderr together, cut to the engine's limit."""
        ...

    def put_tree(self, source: Path, destination: str) -> None:
        """Copy the regular files of a folder of the package into the container."""
        ...

    def usage(self) -> Usage:
        """Return the most that the trial used so far."""
        ...

    def requests(self) -> tuple[NetworkRequest, ...]:
        """Return what the agent asked the network for, where its task has an allow list."""
        ...

    def capture(self) -> bytes:
        """End everything that runs in the container, then return the workspace as a tar archive.

        Its members lie below one folder, the workspace itself; there are no devices, pipes and sockets.
        """
        ...


class Verifier(Protocol):
    """The verifier's container of one trial: made from the pristine image, without network."""

    def score(self, workspace: bytes) -> VerifierRun:
        """Run the task's verifier on a captured workspace; once per container."""
        ...


class Engine(Protocol):
    """Containers for trials. Every method raises EngineError where the engine itself fails."""

    def build(self, task: TaskPackage) -> str | Failure:
        """Return the id of the task's image, built if its content was not built before."""
        ...

    def require_room(self, tasks: Iterable[TaskPackage]) -> None:
        """Raise MachineError where a single trial of one of the tasks would need more than the machine has."""
        ...

    def room(self, task: TaskPackage) -> AbstractContextManager[None]:
        """Wait for the memory that one trial of the task may use, and hold it.

        A task that wants more than there is waits until it is alone. Nobody waits for room while holding cores.
        """
        ...

    def open(
        self, task: TaskPackage, image: str, *, isolation: Isolation, skills: Path | None = None
    ) -> AbstractContextManager[Sandbox]:
        """Give the agent's container of one trial; leaving the context ends it.

        A folder of ``skills`` lies at ``SKILLS_DIR`` in it, read-only; fresh containers alone may have one.
        """
        ...

    def release(self) -> None:
        """Give up the warm containers that are idle."""
        ...

    def verifier(self, task: TaskPackage, image: str, *, isolation: Isolation) -> AbstractContextManager[Verifier]:
        """Give the verifier's container of one trial; it gets ready while the caller goes on with something else."""
        ...


class AuthorFault(Exception):  # noqa: N818 (it carries data to the runner, never to the edge)
    """A package cannot be tried; the runner turns it into the failure in the record."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure
