"""Warm containers: kept running between the trials of one task and reset before each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import docker

from posttrain_arena.adapters.docker_engine.containers import WRITABLE_WHEN_WARM, Container, ContainerPlan
from posttrain_arena.errors import EngineError

_EMPTY_SEC = 120
_EMPTY = (
    "kill -9 -1 2>/dev/null; empty() {{ find {folders} -mindepth 1 -xdev -delete; }} 2>/dev/null; "
    "empty || {{ find {folders} -xdev -type d ! -perm -u=rwx -exec chmod u+rwx {{}} \\; ; empty; }}"
).format(folders=" ".join(WRITABLE_WHEN_WARM))
"""Root without capabilities cannot delete from a folder that an agent closed."""


class WarmPool:
    """Idle containers by plan, the least recently used given up beyond ``limit``.

    A warm container's root is read-only and all its writable folders are memory that a reset wipes, so what a
    trial leaves behind is only its processes, which the reset ends. That is enough between rollouts of one task
    in training, where the environment's author sets the reward anyway; checks and evaluations use fresh ones.
    The reset comes when a container is handed back, so that one that is idle takes neither memory nor cores.
    """

    def __init__(self, client: docker.APIClient, make: Callable[[ContainerPlan], Container], *, limit: int) -> None:
        self._client = client
        self._make = make
        self._limit = limit
        self._idle: list[Container] = []
        self._lock = threading.Lock()

    @contextmanager
    def lease(self, plan: ContainerPlan) -> Iterator[Container]:
        """Give an empty container of ``plan``; one whose trial raised, or that cannot be emptied, is not used again."""
        plan = replace(plan, warm=True)
        container = self._take(plan) or self._made(plan)
        try:
            yield container
        except BaseException:
            self._remove([container])
            raise
        self._remove(self._put(container) if self._emptied(container) else [container])

    def close(self) -> None:
        """Remove every idle container."""
        with self._lock:
            idle, self._idle = self._idle, []
        self._remove(idle)

    def _made(self, plan: ContainerPlan) -> Container:
        container = self._make(plan)
        self._emptied(container)  # of what an image may have there
        return container

    def _emptied(self, container: Container) -> bool:
        with suppress(EngineError):
            return container.clean_shell(self._client).run(_EMPTY, timeout_sec=_EMPTY_SEC).exit_code == 0
        return False

    def _take(self, plan: ContainerPlan) -> Container | None:
        with self._lock:
            fitting = [container for container in self._idle if container.plan == plan]
            taken = next((container for container in reversed(fitting) if _is_alive(container)), None)
            dead = [container for container in fitting if not _is_alive(container)]
            self._idle = [container for container in self._idle if container not in (taken, *dead)]
        self._remove(dead)
        return taken

    def _put(self, container: Container) -> list[Container]:
        with self._lock:
            self._idle.append(container)
            surplus = self._idle[: -self._limit]
            del self._idle[: -self._limit]
        return surplus

    def _remove(self, containers: list[Container]) -> None:
        for container in containers:
            with suppress(EngineError):  # then it goes when the engine is left
                container.remove(self._client)


def _is_alive(container: Container) -> bool:
    shell = container.shell
    return shell is None or not shell.open or shell.is_connected()
