"""One bash in a running container, spoken to over one exec stream for as many commands as wanted."""

from __future__ import annotations

import re
import secrets
import shlex
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import docker

from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.core.trial.sandbox import CommandResult
from posttrain_arena.errors import EngineError

OUTPUT_LIMIT = 256 * 1024
"""Bytes kept of one command's output (its end): more than any model reads, little enough for 64 trials at once."""

COMMAND = ["bash", "--noprofile", "--norc"]
_END_SEC = 30
_FRAME = struct.Struct(">BxxxL")


def new_mark() -> str:
    """Return a random line that no program prints by chance."""
    return secrets.token_hex(16)


def quote(command: str) -> str:
    """Return ``command`` as one word of bash; bash knows no NUL."""
    return shlex.quote(command.replace("\0", ""))


def report(mark: str) -> str:
    """Return the bash command that prints the mark and the last status on a line of their own."""
    return f"printf '\\n%s %d\\n' {mark} $?"


class TooMuchError(EngineError):
    """A container holds more than may be copied out of it."""


class Shell:
    """Commands run one after another in one bash, so that ``cd`` and variables last.

    A command's end is known by a random line printed after it. A sandboxed program that guesses the line only
    cuts its own output short: nothing here is a reward.
    """

    def __init__(self, stream: Any, status: Callable[[], int | None]) -> None:
        """Speak over a stream of the engine; ``status`` returns the shell's exit status once the stream has ended."""
        self._stream = stream
        self._status = status
        self._socket: socket.socket = self._stream._sock  # timeouts per read need the raw socket
        self._received = b""
        self._frame_left = 0
        self.open = True

    def run(self, command: str, *, timeout_sec: float) -> CommandResult:
        """Run one command; its standard input is empty, stdout and stderr come back together."""
        began = time.monotonic()
        data, exit_code, timed_out = self._run(command, b"", timeout_sec, OUTPUT_LIMIT)
        return CommandResult(
            output=data.decode("utf-8", errors="replace"),
            exit_code=exit_code,
            timed_out=timed_out,
            duration_sec=time.monotonic() - began,
        )

    def tell(self, line: str) -> None:
        """Have a trusted line run before everything else, without waiting for it; where it fails it is passed over."""
        with suppress(OSError):  # told by the next command
            self._socket.sendall(f"{line}\n".encode())

    def send(self, command: str, data: bytes, *, timeout_sec: float) -> None:
        """Run a trusted command that reads ``data``: it must take ``head -c`` of exactly these bytes from stdin."""
        output, exit_code, _ = self._run(command, data, timeout_sec, OUTPUT_LIMIT)
        if exit_code != 0:
            raise EngineError(f"copying into the container failed: {output[-300:].decode(errors='replace')}")

    def receive(self, command: str, *, timeout_sec: float, limit: int) -> bytes:
        """Return a trusted command's output; raises TooMuchError over ``limit`` bytes, EngineError where it fails."""
        data, exit_code, _ = self._run(command, b"", timeout_sec, limit + 1)
        if len(data) > limit:
            raise TooMuchError(f"more than {limit} bytes to copy out of the container")
        if exit_code != 0:
            raise EngineError(f"copying out of the container failed: status {exit_code} after {len(data)} bytes")
        return data

    def is_connected(self) -> bool:
        """Say whether the stream that is open goes on, as far as the engine told."""
        self._socket.setblocking(False)
        try:
            return self._socket.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        """Leave the stream; what still runs in the container goes on until the container or a reset ends it."""
        self.open = False
        self._stream.close()

    def exchange(
        self, payload: bytes, marks: Sequence[str], *, timeout_sec: float, keep: int
    ) -> tuple[bytes, int | None, bool]:
        """Send ``payload``; return the output before the first of the marks, the status behind it, and whether it came.

        The status is None where the shell ended or the time ran out (then the last value is True).
        """
        deadline = time.monotonic() + timeout_sec
        try:
            self._socket.settimeout(max(timeout_sec, 0.001))
            self._socket.sendall(payload)
        except OSError:  # the shell is gone or does not take its input: either way this command did not run
            self.close()
            return b"", None, False
        pattern = re.compile(rb"\n(?:" + "|".join(marks).encode() + rb") (\d+)\n")
        output = bytearray()
        while True:
            try:
                chunk = self._chunk(deadline)
            except TimeoutError:
                return bytes(output), None, True
            except OSError:  # the engine is gone: asking for the status tells
                chunk = b""
            if not chunk:
                self.close()
                return bytes(output), self._status(), False
            seen = max(0, len(output) - 40)  # a mark and its status are at most that long
            output += chunk
            found = pattern.search(output, seen)
            if found is not None:
                return bytes(output[max(0, found.start() - keep) : found.start()]), int(found.group(1)), False
            del output[: -2 * keep]

    def _run(self, command: str, data: bytes, timeout_sec: float, keep: int) -> tuple[bytes, int | None, bool]:
        mark = new_mark()
        redirect = "" if data else "</dev/null"
        # bash reads its script from a pipe byte by byte, so a command finds ``data`` right behind its own line
        payload = f"eval {quote(command)} {redirect} 2>&1\n".encode() + data + f"{report(mark)}\n".encode()
        result = self.exchange(payload, [mark], timeout_sec=timeout_sec, keep=keep)
        if result[2]:
            self.close()
        return result

    def _chunk(self, deadline: float) -> bytes:
        while self._frame_left == 0:
            if not self._fill(_FRAME.size, deadline):
                return b""
            _, self._frame_left = _FRAME.unpack(self._received[: _FRAME.size])
            self._received = self._received[_FRAME.size :]
        if not self._received and not self._fill(1, deadline):
            return b""
        chunk = self._received[: self._frame_left]
        self._received = self._received[len(chunk) :]
        self._frame_left -= len(chunk)
        return chunk

    def _fill(self, size: int, deadline: float) -> bool:
        while len(self._received) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            data = self._socket.recv(65536)
            if not data:
                return False
            self._received += data
        return True


def exec_shell(client: docker.APIClient, container: str, *, environment: Mapping[str, str], folder: str) -> Shell:
    """Start a shell in a running container."""
    with engine_faults("opening a shell"):
        started: str = client.exec_create(
            container, COMMAND, stdin=True, user="0", workdir=folder, environment=dict(environment)
        )["Id"]
        stream = client.exec_start(started, socket=True)

    def status() -> int | None:
        with engine_faults("asking for a shell's exit status"):
            code: int | None = client.exec_inspect(started)["ExitCode"]
        return code

    return Shell(stream, status)


def attached_shell(client: docker.APIClient, container: str) -> Shell:
    """Speak to a container whose own process is a shell; it ends with it."""
    with engine_faults("attaching to a container"):
        stream = client.attach_socket(container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})

    def status() -> int | None:
        with engine_faults("waiting for a container's end"):
            code: int | None = client.wait(container, timeout=_END_SEC)["StatusCode"]
        return code

    return Shell(stream, status)
