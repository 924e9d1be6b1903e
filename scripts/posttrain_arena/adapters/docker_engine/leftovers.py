"""Mark what a run makes on the engine, so that nothing outlives the run: not even one that was killed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

import docker
from docker.errors import APIError

from posttrain_arena.adapters.docker_engine.connection import engine_faults

OWNER_LABEL = "posttrain-arena.owner"
"""Names the process that made a container or a network."""

ENGINE_LABEL = "posttrain-arena.engine"
"""Names the one of its ``DockerEngine`` objects that did."""

_PROC = Path("/proc")
_GONE = (403, 404, 409)
"""Gone, on its way out, or (a network) in use by a container that is."""


def new_labels() -> dict[str, str]:
    """Return the labels of everything that one engine object makes."""
    return {OWNER_LABEL: owner_mark(), ENGINE_LABEL: secrets.token_hex(8)}


def owner_mark() -> str:
    """Return the label value that names this process: its boot, its name space, when it began, its id."""
    return f"{_boot()}:{_name_space()}:{_began(os.getpid())}:{os.getpid()}"


def sweep(client: docker.APIClient) -> int:
    """Remove the containers and networks that killed runs left behind; return how many containers there were."""
    return _remove(client, OWNER_LABEL, lambda labels: _is_dead(labels[OWNER_LABEL]))


def remove_all(client: docker.APIClient, labels: dict[str, str]) -> None:
    """Remove what an engine object made: also a container whose making or removal was cut off."""
    _remove(client, f"{ENGINE_LABEL}={labels[ENGINE_LABEL]}", lambda _: True)


def _remove(client: docker.APIClient, label: str, chosen: Callable[[dict[str, str]], bool]) -> int:
    with engine_faults("removing left-over containers and networks"):
        left = client.containers(all=True, filters={"label": label})
        containers = [one["Id"] for one in left if chosen(one["Labels"])]
        for container in containers:
            _gone_is_fine(partial(client.remove_container, container, force=True, v=True))
        for network in client.networks(filters={"label": label}):
            if chosen(network["Labels"]):
                _gone_is_fine(partial(client.remove_network, network["Id"]))
    return len(containers)


def _gone_is_fine(remove: Callable[[], object]) -> None:
    try:
        remove()
    except APIError as error:
        if error.status_code not in _GONE:
            raise


def _is_dead(mark: str) -> bool:
    boot, _, rest = mark.partition(":")
    if boot != _boot():
        return True
    name_space, _, process = rest.partition(":")
    if name_space != _name_space():  # its processes cannot be seen from here
        return False
    began, _, pid = process.partition(":")
    return not pid.isdigit() or began != _began(int(pid))


def _boot() -> str:
    file = _PROC / "sys/kernel/random/boot_id"
    return file.read_text(encoding="ascii").strip() if file.exists() else "boot"


def _name_space() -> str:
    link = _PROC / "self/ns/pid"
    return os.readlink(link).strip("pid:[]") if link.is_symlink() else "0"


def _began(pid: int) -> str:
    """Return when a process began, in the kernel's ticks, empty where there is none: process ids come round again."""
    if not _PROC.is_dir():
        return _alive(pid)
    try:
        fields = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _alive(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"
