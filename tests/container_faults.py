"""Do something to a container at the moment when a command runs in it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import docker
from docker.errors import APIError

from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL

Fault = Callable[[docker.APIClient, str], None]


def kill(client: docker.APIClient, container: str) -> None:
    client.kill(container)


def remove(client: docker.APIClient, container: str) -> None:
    client.remove_container(container, force=True)


def pause(client: docker.APIClient, container: str) -> None:
    client.pause(container)


def kill_process(client: docker.APIClient, container: str) -> None:
    """What the machine's own OOM killer does."""
    os.kill(client.inspect_container(container)["State"]["Pid"], signal.SIGKILL)


def ours(client: docker.APIClient) -> list[str]:
    """Return the ids of the arena's containers that run."""
    return [one["Id"] for one in client.containers(filters={"label": OWNER_LABEL})]


def everything_on(client: docker.APIClient) -> list[str]:
    """Return every container, volume and network that a new engine would not have."""
    containers = [one["Id"] for one in client.containers(all=True)]
    volumes = [one["Name"] for one in client.volumes()["Volumes"] or []]
    networks = [one["Name"] for one in client.networks() if one["Name"] not in ("bridge", "host", "none")]
    return containers + volumes + networks


def left_on(client: docker.APIClient, *, patience_sec: float = 10) -> list[str]:
    """Return what is still there after a while: the engine itself takes its time with a build that was left."""
    deadline = time.monotonic() + patience_sec
    while (left := everything_on(client)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def running(client: docker.APIClient, command: str) -> str | None:
    """Return the container in which ``command`` runs."""
    for container in ours(client):
        try:
            rows = client.top(container)["Processes"]
        except APIError:  # it has ended meanwhile
            continue
        if any(row[-1] == command for row in rows or []):
            return container
    return None


def meanwhile(client: docker.APIClient, command: str, act: Callable[[str], object]) -> AbstractContextManager[None]:
    """Call ``act`` with the container in which ``command`` runs, as soon as it does."""
    return as_soon_as(lambda: running(client, command), act)


@contextmanager
def as_soon_as(find: Callable[[], str | None], act: Callable[[str], object]) -> Iterator[None]:
    """Call ``act`` with what ``find`` returns, once, while the context lasts; fail where it never found anything."""
    done, over = threading.Event(), threading.Event()

    def wait() -> None:
        while not over.wait(0.02):
            found = find()
            if found:
                act(found)
                done.set()
                return

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert done.is_set(), "the moment never came"
