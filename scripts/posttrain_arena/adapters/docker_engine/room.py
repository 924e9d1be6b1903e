"""Admit trials by the memory that they may use, so that the kernel never ends what runs beside them for lack of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import docker

from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.adapters.docker_engine.egress import PROXY_MEMORY_MB
from posttrain_arena.adapters.docker_engine.phases import WORKSPACE_LIMIT
from posttrain_arena.core.trial.supply import Supply, for_trials
from posttrain_arena.errors import MachineError
from posttrain_arena.model.task import Limits, TaskPackage


class Room:
    """What the trials on one engine share of its machine's memory.

    A trial holds once what its task declares, from its first container to its last: agent and verifier act one after
    the other, and what a fresh container held goes with its programs, a warm one's when it is handed back. It holds
    all of it at once, so that no trial waits with a container for what another one holds.
    """

    def __init__(self, *, memory_mb: int, cpus: int) -> None:
        self._memory_mb = memory_mb
        self._cpus = cpus
        self._free = Supply(for_trials(memory_mb))

    @classmethod
    def of(cls, client: docker.APIClient) -> Room:
        """Return the room of the machine that the engine runs on, which may not be this one."""
        with engine_faults("asking for the engine's machine"):
            info = client.info()
        return cls(memory_mb=info["MemTotal"] >> 20, cpus=info["NCPU"])

    @contextmanager
    def taken(self, task: TaskPackage) -> Iterator[None]:
        """Hold what one trial of the task may use; see ``Engine.room``."""
        with self._free.taken(needed_mb(task.limits)):
            yield

    def require(self, tasks: Iterable[TaskPackage]) -> None:
        """Raise MachineError for a task of which the machine cannot hold a single trial."""
        for task in tasks:
            needed, cpus = needed_mb(task.limits), task.limits.cpus
            if needed > self._free.count:
                raise MachineError(
                    f"a trial of {task.name} may use {needed} MB (memory_mb {task.limits.memory_mb}, and what it takes "
                    f"beside that); of this machine's {self._memory_mb} MB trials have {self._free.count}, since the "
                    "rest is for the model's trainer and server: take a larger machine, or a lower memory_mb"
                )
            if cpus > self._cpus:
                raise MachineError(
                    f"a trial of {task.name} has {cpus:g} cpus, and this machine {self._cpus}: take a larger machine, "
                    "or a lower cpus"
                )


def needed_mb(limits: Limits) -> int:
    """Return the most that a trial uses: a container, its workspace on the way to the verifier, and its proxy."""
    proxy = PROXY_MEMORY_MB if limits.network == "allowlist" else 0
    return limits.memory_mb + (WORKSPACE_LIMIT >> 20) + proxy
