"""Say whose doing it is that a container does not run any more."""

from __future__ import annotations

import time
from typing import Any

import docker

from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.adapters.docker_engine.containers import Container
from posttrain_arena.adapters.docker_engine.disk_guard import DiskGuard
from posttrain_arena.core.trial.sandbox import AuthorFault
from posttrain_arena.errors import EngineError
from posttrain_arena.model.trial import Failure, Stage

_KILLED = (137, 143, 255)
"""Statuses of a container that was killed, or lost by an engine that crashed."""

_LAG_SEC = 2.0
"""The engine tells the end of a shell sooner than the end of the container that it ended with."""


def require_running(
    client: docker.APIClient, container: Container, guard: DiskGuard, *, stage: Stage, died: bool = False
) -> None:
    """Return where the container runs, or ended by its own programs; ``died`` says that a shell in it was lost.

    Raises AuthorFault where they went over a limit, EngineError where someone else ended it: no program in a container
    can end its first process, which is another user's or, as process 1, out of its reach.
    """
    state = _state(client, container.id, _LAG_SEC if died else 0.0)
    if state["Running"] and not state["Paused"]:
        return
    limits = container.plan.limits
    if guard.ended(container.id):
        what = f"more than {limits.storage_mb} MB were written, the storage_mb that the task declares"
        raise AuthorFault(Failure(stage=stage, owner="author", reason="disk-limit", detail=what))
    if state["OOMKilled"]:
        what = f"more than {limits.memory_mb} MB were in use, the memory_mb that the task declares"
        raise AuthorFault(Failure(stage=stage, owner="author", reason="memory-limit", detail=what))
    if container.plan.is_shell and state["ExitCode"] not in _KILLED:
        return
    how = "paused" if state["Paused"] else f"ended (status {state['ExitCode']})"
    raise EngineError(f"the container was {how} from outside", reason="container-lost")


def _state(client: docker.APIClient, container: str, lag_sec: float) -> dict[str, Any]:
    deadline = time.monotonic() + lag_sec
    with engine_faults("looking at a container"):
        while True:
            state: dict[str, Any] = client.inspect_container(container)["State"]
            if not state["Running"] or time.monotonic() >= deadline:
                return state
            time.sleep(0.05)
