"""The limits of a task: what its author wrote, in either dialect, over the defaults."""

from __future__ import annotations

from posttrain_arena.model.task import Limits, Network
from posttrain_arena.model.task_document import EnvironmentTable, TaskDocument


def environment_of(task: TaskDocument) -> EnvironmentTable:
    """Return the environment table under whichever of its two names it has."""
    return task.environment or task.sandbox or EnvironmentTable()


def network_of(environment: EnvironmentTable) -> Network:
    """Return what the agent may reach; ``allow_internet`` is the older spelling of it."""
    if environment.network_mode is not None:
        return environment.network_mode
    return "public" if environment.allow_internet else "no-network"


def limits_of(task: TaskDocument) -> Limits:
    """Return the limits with every default filled in."""
    environment = environment_of(task)
    written = {
        "agent_timeout_sec": task.agent.timeout_sec,
        "verifier_timeout_sec": task.verifier.timeout_sec,
        "build_timeout_sec": environment.build_timeout_sec,
        "cpus": environment.cpus,
        "memory_mb": environment.memory_mb,
        "storage_mb": environment.storage_mb,
    }
    given = {name: value for name, value in written.items() if value is not None}
    return Limits(network=network_of(environment), allowed_hosts=environment.allowed_hosts, **given)  # type: ignore[arg-type]


def environment_name(task: TaskDocument) -> str:
    """Return the name that the environment table has in this document."""
    return "sandbox" if task.sandbox is not None else "environment"
