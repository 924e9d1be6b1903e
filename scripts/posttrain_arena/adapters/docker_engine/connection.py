"""Reach the Docker engine, and tell its faults from everyone else's."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from posttrain_arena.errors import EngineError

ENGINE_ERRORS = (DockerException, RequestException, HTTPError, HTTPException, OSError)
"""What the client raises where the engine refuses, is gone, or goes away in the middle of an answer."""

RESTART_SEC = 30
"""How long an engine may be away: what a restart takes on a busy machine, with room."""

_POLL_SEC = 0.2


def connect(*, timeout_sec: float = 120) -> docker.APIClient:
    """Return a client of the local engine; raises EngineError with what to do where none answers."""
    try:
        client = docker.from_env(timeout=int(timeout_sec), max_pool_size=64).api
        client.ping()
    except ENGINE_ERRORS as error:
        raise EngineError(
            f"no Docker engine answers ({error}): run `make setup`, or start Docker and try again"
        ) from error
    return client


@contextmanager
def engine_faults(doing: str) -> Iterator[None]:
    """Turn what the engine or its socket raises into EngineError."""
    try:
        yield
    except ENGINE_ERRORS as error:
        raise EngineError(f"{doing}: {error}") from error


class Presence:
    """Says whether anything may be begun on the engine; a restart is waited for, once for all who ask."""

    def __init__(self, client: docker.APIClient) -> None:
        self._client = client
        self._away_since: float | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """From now on nothing may be begun."""
        self._stopped.set()

    def require(self) -> None:
        """Return where the engine answers; raises EngineError after RESTART_SEC of silence, or once stopped."""
        while True:
            self.require_not_stopped()
            try:
                self._client.ping()
            except ENGINE_ERRORS as error:
                self._away_since = self._away_since or time.monotonic()
                if time.monotonic() - self._away_since > RESTART_SEC:
                    raise EngineError(f"no Docker engine answers: {error}", reason="engine-away") from error
                self._stopped.wait(_POLL_SEC)
            else:
                self._away_since = None
                return

    def require_not_stopped(self) -> None:
        """Raise EngineError once stopped."""
        if self._stopped.is_set():
            raise EngineError("the run was interrupted", reason="interrupted")
