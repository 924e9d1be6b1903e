"""A sandbox whose commands wait until the cores that their task declares are free."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from posttrain_arena.core.trial.sandbox import CommandResult, Sandbox
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.model.trial import NetworkRequest, Usage


class PacedSandbox:
    """Takes ``cpus`` of ``cores`` for each command; ``waited_sec``, which is no time of the agent's, is the sum."""

    def __init__(self, sandbox: Sandbox, cores: Supply, cpus: float) -> None:
        self._sandbox = sandbox
        self._cores = cores
        self._cpus = cpus
        self.waited_sec = 0.0

    def run(self, command: str, *, timeout_sec: float) -> CommandResult:
        """Run ``command`` once there are cores for it; ``timeout_sec`` begins then."""
        with self._cores.taken(self._cpus) as waited_sec:
            self.waited_sec += waited_sec
            return replace(self._sandbox.run(command, timeout_sec=timeout_sec), waited_sec=waited_sec)

    def put_tree(self, source: Path, destination: str) -> None:
        """Copy a folder in, as the sandbox does."""
        self._sandbox.put_tree(source, destination)

    def usage(self) -> Usage:
        """Return what the sandbox returns."""
        return self._sandbox.usage()

    def requests(self) -> tuple[NetworkRequest, ...]:
        """Return what the sandbox returns."""
        return self._sandbox.requests()

    def capture(self) -> bytes:
        """Return what the sandbox returns."""
        return self._sandbox.capture()
