"""What a container used: read from the kernel's control groups where the engine runs here, else asked of the engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from posttrain_arena.model.trial import Usage

_GROUPS = Path("/sys/fs/cgroup")
_USEC = re.compile(r"^usage_usec (\d+)$", re.MULTILINE)


def usage_of(client: docker.APIClient, container: str) -> Usage:
    """Return the peak memory, the CPU time and the disk of a running container; a number that is not told is None.

    The engine's own statistics come from a sampler that takes a second, so they are the second choice. Memory counts
    the files that the kernel caches for the container.
    """
    try:
        memory, seconds = _counted(client.inspect_container(container)["State"]["Pid"]) or _sampled(client, container)
        listed = client.containers(all=True, size=True, filters={"id": container})
    except (DockerException, RequestException, OSError):
        return Usage()  # a trial is not lost for lack of its figures
    disk = listed[0].get("SizeRw", 0) if listed else None
    return Usage(memory_mb=_scaled(memory, 1e6), cpu_sec=_scaled(seconds, 1), disk_mb=_scaled(disk, 1e6))


def _counted(pid: int) -> tuple[int | None, float | None] | None:
    """Return peak bytes and CPU seconds of the control group of a process, None where it has none that we can see."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii").splitlines() if pid else []
        groups = {names: path for _, names, path in (line.split(":", 2) for line in lines)}
        if any("/.." in path for path in groups.values()):  # of another name space: not a path here
            return None
        if "memory" in groups:  # version 1, a tree for each resource
            used = _number(_GROUPS / "memory" / groups["memory"][1:] / "memory.max_usage_in_bytes")
            times = next(path for names, path in groups.items() if "cpuacct" in names.split(","))
            return used, _number(_GROUPS / "cpuacct" / times[1:] / "cpuacct.usage") / 1e9
        folder = _GROUPS / groups[""][1:]
        found = _USEC.search((folder / "cpu.stat").read_text(encoding="ascii"))
        return _number(folder / "memory.peak"), int(found[1]) / 1e6 if found else None
    except (OSError, KeyError, ValueError, StopIteration):
        return None


def _number(file: Path) -> int:
    return int(file.read_text(encoding="ascii"))


def _sampled(client: docker.APIClient, container: str) -> tuple[Any, Any]:
    stats = client.stats(container, stream=False, one_shot=True)
    memory = stats.get("memory_stats", {})
    nanoseconds = stats.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
    seconds = nanoseconds / 1e9 if isinstance(nanoseconds, int) else None
    return memory.get("max_usage", memory.get("usage")), seconds


def _scaled(value: Any, unit: float) -> float | None:
    return round(value / unit, 3) if isinstance(value, (int, float)) else None
