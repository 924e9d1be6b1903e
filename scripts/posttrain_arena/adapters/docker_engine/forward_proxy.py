"""A forward proxy that lets through the hosts it is given, and logs every request. Runs in a container of its own.

    python3 forward_proxy.py [--inside] HOST...

Takes ``CONNECT host:443`` and ``GET http://host/…`` on port 3128. The host must be one of the given names (``*.``
stands for one label), the TLS client hello must name the same host, and the name must resolve to public addresses;
with ``--inside`` to any. Addresses in place of names are refused. Writes one JSON line for each request.
Uses the standard library of Python 3.8 alone: it has to run in any image.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PORT = 3128
HEAD_LIMIT = 16384
HELLO_LIMIT = 16384 + 5
PATIENCE_SEC = 20
IDLE_SEC = 300
MAX_CONNECTIONS = 64
MAX_OPEN = 512
"""Connections that are served or wait to be; more are closed at once, since each takes memory."""

MAX_ROWS = 50_000
MAX_LOG_BYTES = 24 << 20
"""Requests that are answered: with more, the log would be cut at its start, and what stands there be forgotten."""

_LOG_SPARE = 128
"""Bytes that the engine adds to a row; it doubles quotes and backslashes, too."""

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]")


class RefusedError(Exception):
    """A request that is not let through; the text goes to the agent and into the log."""


class UnreachableError(Exception):
    """An allowed host that could not be reached from this machine; the text goes to the agent and into the log."""


def is_allowed(host: str, allowed: list[str]) -> bool:
    """Say whether a host is one of the allowed names."""
    name = host.lower().rstrip(".")
    if not _NAME.fullmatch(name):
        return False
    return any(name == rule or (rule.startswith("*.") and name.partition(".")[2] == rule[2:]) for rule in allowed)


def server_name(record: bytes) -> str:
    """Return the server name of a TLS client hello record; raises RefusedError where there is none."""
    try:
        if record[0] != 22 or record[5] != 1:
            raise RefusedError("no TLS client hello")
        at = 5 + 4 + 2 + 32
        at += 1 + record[at]  # session
        at += 2 + int.from_bytes(record[at : at + 2], "big")  # cipher suites
        at += 1 + record[at]  # compression
        end = at + 2 + int.from_bytes(record[at : at + 2], "big")
        at += 2
        while at + 4 <= end:
            kind, size = int.from_bytes(record[at : at + 2], "big"), int.from_bytes(record[at + 2 : at + 4], "big")
            if kind == 0:
                length = int.from_bytes(record[at + 7 : at + 9], "big")
                return record[at + 9 : at + 9 + length].decode("ascii")
            at += 4 + size
    except (IndexError, UnicodeDecodeError):
        pass
    raise RefusedError("a TLS client hello without a server name")


def target_of(head: str) -> tuple[str, int, bytes]:
    """Return (host, port, request to send on) of a proxy request; raises RefusedError for what is none."""
    line, _, rest = head.partition("\r\n")
    found = _LINE.fullmatch(line)
    if not found:
        raise RefusedError("not an HTTP request")
    method, target = found.groups()
    if method == "CONNECT":
        host, _, port = target.rpartition(":")
        if port != "443":
            raise RefusedError("CONNECT is for port 443")
        return host, 443, b""
    plain = re.fullmatch(r"http://([^/:@?#]+)(?::80)?(/[^#]*)?", target)
    if not plain:
        raise RefusedError("only http:// and CONNECT to port 443 are let through")
    host, path = plain[1], plain[2] or "/"
    kept = [h for h in rest.split("\r\n") if h and not re.match(r"(host|connection|proxy-[a-z-]+)\s*:", h, re.I)]
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *kept]
    return host, 80, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def is_public(address: str) -> bool:
    """Say whether an address lies outside: no loopback, private, link-local or other special range."""
    found = ipaddress.ip_address(address)
    return found.is_global and not found.is_multicast


def new_row() -> dict[str, Any]:
    """Return the row of a request that nothing is known of yet."""
    return {"time": round(time.time(), 3), "host": "", "port": 0, "allowed": False}


def say(row: dict[str, Any]) -> None:
    """Write a row of the log."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Proxy:
    """Serves one container; ``inside`` lets names through that resolve to private addresses."""

    def __init__(
        self, allowed: list[str], *, inside: bool = False, log: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        self.allowed = [name.lower().rstrip(".") for name in allowed]
        self.inside = inside
        self.log = log or say
        self.rows = self.logged = self.open = self.closed = 0
        self.full = False
        self.free = asyncio.Semaphore(MAX_CONNECTIONS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, or close it at once where too many are open."""
        transport: Any = writer.transport
        if self.open >= MAX_OPEN:
            transport.abort()
            self.note_closed()
            return
        self.open += 1
        try:
            transport.pause_reading()  # what it sends while it waits stays with the sender
            async with self.free:
                transport.resume_reading()
                await self.serve_one(reader, writer)
            with suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), IDLE_SEC)
        finally:
            transport.abort()
            self.open -= 1

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection and log it."""
        row = new_row()
        try:
            await self.answer(reader, writer, row)
        except RefusedError as error:
            row["why"] = str(error)
            writer.write(answer_of("403 Forbidden", str(error)))
        except UnreachableError as error:
            row.update(allowed=True, unreachable=True, why=str(error))
            writer.write(answer_of("502 Bad Gateway", str(error)))
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            row["why"] = type(error).__name__
        finally:
            self.note(row)
            writer.close()

    def note(self, row: dict[str, Any]) -> None:
        """Log a request, and the first one after which there is no more room for others."""
        if self.full:
            return
        self.rows += 1
        self.logged += 2 * len(json.dumps(row)) + _LOG_SPARE
        self.log(row)
        if self.rows >= MAX_ROWS or self.logged >= MAX_LOG_BYTES:
            self.full = True
            self.log({**new_row(), "why": "too many requests: those after this one are refused, and not logged"})

    def note_closed(self) -> None:
        """Log the connections that were closed unheard: their number, whenever it has doubled."""
        self.closed += 1
        if self.closed & (self.closed - 1) == 0:
            self.log({**new_row(), "why": f"too many connections at once: {self.closed} were closed so far"})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, row: dict[str, Any]) -> None:
        """Let a request through or raise RefusedError."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SEC)
        host, port, request = target_of(head[:-4].decode("latin-1"))
        row.update(host=host[:255], port=port)
        if self.full:
            raise RefusedError("too many requests")
        if not is_allowed(host, self.allowed):
            raise RefusedError("this host is not one of the task's allowed_hosts")
        out_reader, out_writer = await self.connect(host, port)
        try:
            if port == 443:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                request = await asyncio.wait_for(hello_of(reader), PATIENCE_SEC)
                named = server_name(request)
                if named.lower() != host.lower().rstrip("."):
                    row["why"] = f"the TLS client hello names {named[:255]}"
                    return
            row["allowed"] = True
            out_writer.write(request)
            row.update(sent=len(request), received=0)
            await asyncio.gather(pipe(reader, out_writer, row, "sent"), pipe(out_reader, writer, row, "received"))
        finally:
            out_writer.close()

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the address that was looked at, so that a second lookup cannot differ."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=socket.AF_INET)
        except OSError as error:
            raise UnreachableError("its name has no address") from error
        address = str(found[0][4][0])
        if not self.inside and not is_public(address):
            raise RefusedError("this host resolves to an address that is not public")
        try:
            return await asyncio.wait_for(asyncio.open_connection(address, port), PATIENCE_SEC)
        except (TimeoutError, OSError) as error:
            raise UnreachableError(f"nothing answers on port {port}") from error


def answer_of(status: str, why: str) -> bytes:
    """Return the proxy's own answer to a request."""
    body = f"the arena's proxy: {why}\n".encode()
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def hello_of(reader: asyncio.StreamReader) -> bytes:
    """Return the first TLS record of a connection."""
    start = await reader.readexactly(5)
    size = int.from_bytes(start[3:5], "big")
    if start[0] != 22 or size > HELLO_LIMIT - 5:
        return start
    return start + await reader.readexactly(size)


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, row: dict[str, Any], way: str) -> None:
    """Carry bytes one way until there are no more, and count them in ``row[way]``."""
    try:
        while True:
            data = await asyncio.wait_for(reader.read(65536), IDLE_SEC)
            if not data:
                break
            row[way] += len(data)
            writer.write(data)
            await writer.drain()
    finally:
        if writer.can_write_eof():
            with suppress(OSError):
                writer.write_eof()


async def main(arguments: list[str]) -> None:
    """Listen until the container ends. Nothing but rows is written: other lines would push rows out of the log."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    inside = arguments[:1] == ["--inside"]
    proxy = Proxy(arguments[1:] if inside else arguments, inside=inside)
    server = await asyncio.start_server(proxy.serve, "0.0.0.0", PORT, limit=HEAD_LIMIT)  # noqa: S104 (of its container)
    say({"listening": PORT})
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
