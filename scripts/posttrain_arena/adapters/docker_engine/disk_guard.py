"""End containers that write more than their task declares: most engines set no limit to the disk of a container."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from posttrain_arena.adapters.docker_engine.connection import OWNER_LABEL, owner_mark

PERIOD_SEC = 0.5
"""What is written between two looks is over the limit by at most the disk's speed times this."""


class DiskGuard:
    """Looks at the watched containers from a thread of its own while there are any."""

    def __init__(self, client: docker.APIClient) -> None:
        self._client = client
        self._limits: dict[str, int] = {}
        self._killed: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watch(self, container: str, limit_mb: int) -> Iterator[None]:
        """Watch a container for as long as the context lasts; ``limit_mb`` counts what is written over the image."""
        with self._changed:
            self._limits[container] = limit_mb << 20
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="disk-guard", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                del self._limits[container]

    def ended(self, container: str) -> bool:
        """Say whether a container was ended for what it wrote."""
        return container in self._killed

    def _look(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._limits))
                limits = dict(self._limits)
            with suppress(DockerException, RequestException, OSError):  # told by the trials that the engine fails
                self._end_those_over(limits)
            threading.Event().wait(PERIOD_SEC)

    def _end_those_over(self, limits: dict[str, int]) -> None:
        mine = {"label": f"{OWNER_LABEL}={owner_mark()}"}
        for listed in self._client.containers(size=True, filters=mine):
            container = listed["Id"]
            if listed.get("SizeRw", 0) > limits.get(container, 1 << 62):
                self._killed.add(container)
                self._client.kill(container)
