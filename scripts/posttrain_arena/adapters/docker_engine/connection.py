"""Reach the Docker engine, and tell its faults from everyone else's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from posttrain_arena.errors import EngineError

OWNER_LABEL = "posttrain-arena.owner"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def connect(*, timeout_sec: float = 120) -> docker.APIClient:
    """Return a client of the local engine; raises EngineError with what to do where none answers."""
    try:
        client = docker.from_env(timeout=int(timeout_sec), max_pool_size=64).api
        client.ping()
    except (DockerException, RequestException, OSError) as error:
        raise EngineError(
            f"no Docker engine answers ({error}): run `make setup`, or start Docker and try again"
        ) from error
    return client


@contextmanager
def engine_faults(doing: str) -> Iterator[None]:
    """Turn what the engine or its socket raises into EngineError."""
    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        raise EngineError(f"{doing}: {error}") from error


def owner_mark() -> str:
    """Return the label value that names this process on this boot of this machine."""
    return f"{_boot()}:{os.getpid()}"


def sweep(client: docker.APIClient) -> int:
    """Remove the containers that killed runs left behind; return how many there were."""
    with engine_faults("removing left-over containers and networks"):
        left = [
            container["Id"]
            for container in client.containers(all=True, filters={"label": OWNER_LABEL})
            if _is_dead(container["Labels"][OWNER_LABEL])
        ]
        for container_id in left:
            client.remove_container(container_id, force=True)
        for network in client.networks(filters={"label": OWNER_LABEL}):
            if _is_dead(network["Labels"][OWNER_LABEL]):
                client.remove_network(network["Id"])
    return len(left)


def _boot() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else "boot"


def _is_dead(mark: str) -> bool:
    boot, _, pid = mark.partition(":")
    return boot != _boot() or not Path(f"/proc/{pid}").exists()
