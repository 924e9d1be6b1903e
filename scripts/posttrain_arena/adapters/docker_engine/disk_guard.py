"""Look after disks: end containers that write more than their task declares, and notice when the engine's is full.

Most engines set no limit to the disk of a container.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
from docker.errors import APIError

from posttrain_arena.adapters.docker_engine.connection import ENGINE_ERRORS, engine_faults
from posttrain_arena.adapters.docker_engine.leftovers import ENGINE_LABEL
from posttrain_arena.errors import EngineError

PERIOD_SEC = 0.5
"""What is written between two looks is over the limit by at most the disk's speed times this."""

LEAST_FREE = 16 << 20
"""Bytes; with less of them programs fail that are in order, and the trial says nothing about them."""


class DiskGuard:
    """Looks at the watched containers from a thread of its own while there are any."""

    def __init__(self, client: docker.APIClient, labels: Mapping[str, str]) -> None:
        self._client = client
        self._mine = {"label": f"{ENGINE_LABEL}={labels[ENGINE_LABEL]}"}
        self._limits: dict[str, int] = {}
        self._killed: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._full_at = float("-inf")
        with engine_faults("asking for the engine's folder"):
            self._folder = Path(client.info()["DockerRootDir"])

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

    def require_room(self, since: float) -> None:
        """Raise EngineError where the engine's disk was full since then (monotonic seconds), whoever filled it."""
        self._note_if_full()
        if self._full_at >= since:
            raise EngineError(f"the disk of the engine ({self._folder}) was full: make room", reason="disk-full")

    def _note_if_full(self) -> None:
        with suppress(OSError):  # an engine whose folder is not on this machine
            disk = os.statvfs(self._folder)
            if disk.f_bavail * disk.f_frsize < LEAST_FREE or (disk.f_files and not disk.f_favail):
                self._full_at = time.monotonic()

    def _look(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._limits))
                limits = dict(self._limits)
            self._note_if_full()
            with suppress(*ENGINE_ERRORS):  # told by the trials that the engine fails
                self._end_those_over(limits)
            threading.Event().wait(PERIOD_SEC)

    def _end_those_over(self, limits: Mapping[str, int]) -> None:
        for listed in self._client.containers(size=True, filters=self._mine):
            container = listed["Id"]
            if listed.get("SizeRw", 0) > limits.get(container, 1 << 62):
                self._killed.add(container)
                with suppress(APIError):  # it has ended already
                    self._client.kill(container)
