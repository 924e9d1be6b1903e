"""Follow builds, and leave them: at their deadline, however silent they are, or when the run is interrupted."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import docker
import requests

from posttrain_arena.adapters.docker_engine.connection import ENGINE_ERRORS


class BuildStreams:
    """The builds of one client that run; the engine ends a build whose stream is closed."""

    def __init__(self, client: docker.APIClient) -> None:
        self._client = client
        self._answer = threading.local()
        self._open: set[socket.socket] = set()
        client.hooks["response"].append(self._note)

    def messages(self, context: BinaryIO, tag: str, timeout_sec: float) -> Iterator[dict[str, Any]]:
        """Yield what the engine says of a build of ``context``; raises TimeoutError when the time is over."""
        deadline = time.monotonic() + timeout_sec
        steps = self._client.build(
            fileobj=context,
            custom_context=True,
            tag=tag,
            rm=True,
            forcerm=True,
            decode=True,
            timeout=int(timeout_sec) + 1,
        )
        try:
            with self._cut_at(deadline):
                yield from steps
        except ENGINE_ERRORS:
            if time.monotonic() < deadline:
                raise
        if time.monotonic() >= deadline:
            raise TimeoutError

    def cut(self) -> None:
        """Leave every build that runs now."""
        for stream in tuple(self._open):
            _cut(stream)

    @contextmanager
    def _cut_at(self, deadline: float) -> Iterator[None]:
        stream: socket.socket = self._client._get_raw_response_socket(  # type: ignore[attr-defined]
            self._answer.latest
        )._sock
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [stream])
        timer.daemon = True
        timer.start()
        self._open.add(stream)
        try:
            yield
        finally:
            self._open.discard(stream)
            timer.cancel()

    def _note(self, response: requests.Response, *_: object, **__: object) -> None:
        """Keep a build's answer: the client returns what it says, and only the answer leads to its socket."""
        if (response.request.path_url or "").partition("?")[0].endswith("/build"):
            self._answer.latest = response


def _cut(stream: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        stream.shutdown(socket.SHUT_RDWR)
