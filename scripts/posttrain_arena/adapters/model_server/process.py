"""Keep a model server running as a process of its own: start it, start it again where it is lost, end it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from posttrain_arena.adapters.model_server import keeper
from posttrain_arena.adapters.model_server.commands import Command
from posttrain_arena.errors import ModelServerError

RESTARTS = 2
"""How often a lost server is started again: memory that was short for a moment is chance, a third time is not."""

_NOTICE_SEC = 15
"""How long a server that stopped answering may take to be gone: vLLM ends by itself once its engine is dead, slowly."""

_TAIL_CHARS = 3000


class ModelProcess:
    """A server on a loopback port, the same one when it is started again. Use as a context manager.

    It ends with this process, however this process ends. Safe to use from many threads.
    """

    def __init__(self, command: Command, *, log: Path) -> None:
        self._command = command
        self._log = log
        self._port = _free_port()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.starts = 0
        """How often it was started: whoever asks it something can tell whether it still asks the same one."""

    def __enter__(self) -> ModelProcess:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def revived(self, starts: int, then: Callable[[], None], lost: Callable[[], bool]) -> bool:
        """Say whether the server that had been started ``starts`` times is lost and another one answers.

        The first to ask finds out whether it is ``lost``, ends what is left of it, starts it and does ``then``.
        Raises ModelServerError where it was lost too often.
        """
        with self._lock:
            if self.starts != starts:
                return True
            if not lost():
                return False
            self._end()
            if self.starts > RESTARTS:
                raise ModelServerError(
                    f"it died or hung {self.starts} times: {self._last_words()}", reason="model-gone"
                )
            self._start()
            then()
            return True

    def gone(self) -> bool:
        """Say whether the process has ended, or does so in a moment."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=_NOTICE_SEC)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-I", str(keeper.__file__), *self._command.argv, "--port", str(self._port)]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=output, stderr=output, env=dict(self._command.environment)
            )
        self.starts += 1  # also where it fails: each try counts
        try:
            self._await_health(self._process)
        except BaseException:
            self._end()
            raise

    def _await_health(self, process: subprocess.Popen[bytes]) -> None:
        limit = self._command.start_timeout_sec
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ModelServerError(f"it ended with {process.returncode} before it answered: {self._last_words()}")
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise ModelServerError(f"it did not answer within {limit:g} s: {self._last_words()}")

    def _end(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=3 * keeper.GRACE_SEC)
            except subprocess.TimeoutExpired as error:  # a driver that hangs holds even what was killed
                raise ModelServerError(f"it does not end: {self._last_words()}", reason="model-gone") from error

    def _last_words(self) -> str:
        tail = self._log.read_text(encoding="utf-8", errors="replace")[-_TAIL_CHARS:]
        return f"the model server ({self._log}):\n{tail}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
