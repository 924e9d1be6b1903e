"""What a container used, as the engine counts it."""

from __future__ import annotations

from typing import Any

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from posttrain_arena.model.trial import Usage


def usage_of(client: docker.APIClient, container: str) -> Usage:
    """Return the peak memory, the CPU time and the disk of a running container; a number that is not told is None.

    Memory is the engine's ``max_usage``, which only control groups of version 1 tell; version 2 gives what is in use.
    """
    try:
        stats = client.stats(container, stream=False, one_shot=True)
        listed = client.containers(all=True, size=True, filters={"id": container})
    except (DockerException, RequestException, OSError):
        return Usage()  # a trial is not lost for lack of its figures
    memory = stats.get("memory_stats", {})
    return Usage(
        memory_mb=_scaled(memory.get("max_usage", memory.get("usage")), 1e6),
        cpu_sec=_scaled(stats.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage"), 1e9),
        disk_mb=_scaled(listed[0].get("SizeRw", 0) if listed else None, 1e6),
    )


def _scaled(value: Any, unit: float) -> float | None:
    return round(value / unit, 3) if isinstance(value, (int, float)) else None
