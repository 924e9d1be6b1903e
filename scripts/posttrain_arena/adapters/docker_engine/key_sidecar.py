"""Forward an agent's calls to model providers and add the keys, which only this program has.

    python3 -E -s -m posttrain_arena.adapters.docker_engine.key_sidecar SETTINGS [PORT]

Serves ``/<provider>/<path>`` on port 8080 and sends it on to the provider's own address. The agent's headers that
could carry a key are dropped, redirects are not followed, and of each call a JSON line is written: host, bytes, tokens.
Before a call is sent on, the most that it can cost is reserved; what it did cost takes the place of that afterwards. A
line that is ``open`` says what was reserved, and is void once there is another one of the same ``call``.
Runs in a container of its own with ``key_spending`` and the standard library of Python 3.8 alone.
"""

from __future__ import annotations

import http.client
import http.server
import json
import re
import sys
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from posttrain_arena.adapters.docker_engine.key_spending import Account, asked_in, cost_of, most_of, sent_as

PORT = 8080
MAX_BODY = 8 << 20
MAX_UNREAD = 8 * MAX_BODY
"""Bytes of a refused call's body that are heard out, so that the refusal arrives."""

MAX_CALLS = 48
"""At once; their bodies are held in memory."""

MAX_OPEN = 64
"""Connections at once, whose heads are in memory; more are closed unheard."""

MAX_SENT = 30_000
"""Calls that are sent on, with two rows each: with more the log would be cut at its start, and costs be forgotten."""

MAX_REFUSED_ROWS = 1000
TIMEOUT_SEC = 900
SEEN = 1 << 16
"""Bytes at the beginning and at the end of an answer in which tokens are looked for."""

_PATH = re.compile(r"/([a-z0-9-]{1,64})(/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~=&%+-]*)?)")
_COUNTED = re.compile(r"/(?:[^?]*/)?(?:completions|responses|messages|embeddings)(?:\?.*)?")
"""Calls that say in their own answer what they cost. Batches, files and trainings do not, and are refused."""

_KEPT = ("content-type", "accept", "anthropic-version", "anthropic-beta", "openai-beta", "user-agent")


class RefusedError(Exception):
    """A call that is not sent on."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Log:
    """Rows on standard output: two for each call that is sent on, and refused ones as long as there are few."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calls = self.refused = 0

    def admit(self) -> int:
        """Return the number of one more call; raises RefusedError where there is no room for its rows."""
        with self.lock:
            self.calls += 1
            if self.calls > MAX_SENT:
                raise RefusedError(429, "too many calls")
            return self.calls

    def note(self, row: dict[str, Any]) -> None:
        """Write a row; of very many refused ones only their number, whenever it has doubled."""
        with self.lock:
            if not row["allowed"]:
                self.refused += 1
                if self.refused > MAX_REFUSED_ROWS:
                    if self.refused & (self.refused - 1):
                        return
                    row["why"] = f"{self.refused} calls were refused so far"
            say(row)


def say(row: dict[str, Any]) -> None:
    """Write a row of the log."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    """Forwards one call at a time per connection."""

    accounts: dict[str, Account] = {}  # noqa: RUF012 (filled once, before the first call)
    log = Log()
    free = threading.BoundedSemaphore(MAX_CALLS)
    reading = threading.Lock()  # of one body at a time
    timeout = TIMEOUT_SEC
    begun = False
    unread = 0

    def do_GET(self) -> None:
        """Forward."""
        self.forward()

    def do_POST(self) -> None:
        """Forward."""
        self.forward()

    def forward(self) -> None:
        """Send the call on, or refuse it."""
        row: dict[str, Any] = {"time": round(time.time(), 3), "host": "keys", "port": PORT, "allowed": False}
        self.close_connection = True
        try:
            account, path, length = self.wanted()
            if not self.free.acquire(blocking=False):
                raise RefusedError(429, "too many calls at once")
            try:
                self.unread = 0
                self.send_on(account, path, self.rfile.read(length), row)
            finally:
                self.free.release()
        except RefusedError as error:
            row["why"] = str(error)
            self.refuse(error.status, str(error))
        except (OSError, http.client.HTTPException, ValueError) as error:
            row["why"] = type(error).__name__
            self.refuse(502, "the provider did not answer")
        finally:
            self.log.note(row)

    def wanted(self) -> tuple[Account, str, int]:
        """Return provider, path and length of a call; raises RefusedError for one that is not sent on."""
        found = _PATH.fullmatch(self.path)
        account = self.accounts.get(found[1]) if found else None
        told = self.headers.get("Content-Length", "0")
        length = int(told) if told.isdecimal() and len(told) < 20 else None
        self.unread = min(length or 0, MAX_UNREAD)
        if found is None or account is None or ".." in self.path:
            raise RefusedError(404, "no such provider or path")
        if self.command == "POST" and not _COUNTED.fullmatch(found[2]):
            raise RefusedError(404, "only calls whose answers tell their tokens are sent on")
        if length is None or length > MAX_BODY:
            raise RefusedError(413, "too large")
        return account, found[2], length

    def send_on(self, account: Account, path: str, body: bytes, row: dict[str, Any]) -> None:
        """Reserve what a call can cost, and forward it."""
        most = {"input_tokens": 0, "output_tokens": 0}  # to ask for a list of models costs nothing
        if self.command == "POST":
            with self.reading:
                asked = asked_in(body)
                body = sent_as(path, body, asked)
            most = most_of(body, asked)
        number = self.log.admit()
        if not account.reserve(most):
            raise RefusedError(429, "the limit of what may be spent is reached, or this call could go over it")
        row.update(provider=account.settings["name"], call=number, allowed=True, sent=len(body), received=0)
        self.stream(account, path, (body, most), row)

    def stream(self, account: Account, path: str, call: tuple[bytes, dict[str, int]], row: dict[str, Any]) -> None:
        """Carry the answer, and settle what it cost also where somebody breaks it off."""
        body, most = call
        place = urlsplit(account.settings["url"])
        port = place.port or (443 if place.scheme == "https" else 80)
        row.update(host=place.hostname, port=port)
        self.log.note({**row, **most, "open": True})
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(str(place.hostname), place.port, timeout=TIMEOUT_SEC)
        status, head, tail, whole = 502, b"", b"", False  # until it was asked it costs nothing
        try:
            connection.request(self.command, place.path.rstrip("/") + path, body, self.headers_for(account.settings))
            status = 200
            answer = connection.getresponse()
            status = answer.status
            self.begin(status, answer.headers.get("Content-Type", "application/octet-stream"))
            while not whole:
                chunk = answer.read1(65536)
                whole = not chunk
                row["received"] += len(chunk)
                if len(head) < SEEN:
                    head += chunk
                else:
                    tail = (tail + chunk)[-SEEN:]
                self.wfile.write(chunk)
                self.wfile.flush()
        finally:
            connection.close()
            used = cost_of(status, head + tail, whole=whole, most=most)
            account.settle(most, used)
            row.update(used)

    def headers_for(self, settings: dict[str, Any]) -> dict[str, str]:
        """Return the headers of a call, with the key."""
        headers = {name: value for name, value in self.headers.items() if name.lower() in _KEPT}
        headers[settings["header"]] = settings["prefix"] + settings["key"]
        headers["Accept-Encoding"] = "identity"
        return headers

    def begin(self, status: int, kind: str) -> None:
        """Send the head of an answer."""
        self.begun = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def refuse(self, status: int, why: str) -> None:
        """Answer without forwarding, where nothing of an answer was sent."""
        if not self.begun:
            with suppress(OSError):
                self.begin(status, "application/json")
                self.wfile.write(json.dumps({"error": f"the arena: {why}"}).encode())
                while self.unread > 0 and (dropped := self.rfile.read1(min(self.unread, 65536))):
                    self.unread -= len(dropped)  # closed with a body unread, the answer might not arrive

    def log_message(self, format: str, *args: object) -> None:
        """The rows are the log."""


class Server(http.server.ThreadingHTTPServer):
    """Serves a bounded number of connections, and writes nothing but rows: others would push rows out of the log."""

    free = threading.BoundedSemaphore(MAX_OPEN)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, or close it."""
        if self.free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve it, and make room for another one."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What broke has its row."""


def main(path: str, port: int = PORT) -> None:
    """Serve until the container ends."""
    with open(path, encoding="utf-8") as file:
        Handler.accounts = {one["name"]: Account(one) for one in json.load(file)}
    server = Server(("0.0.0.0", port), Handler)  # noqa: S104 (of its container)
    say({"listening": server.server_address[1]})
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
