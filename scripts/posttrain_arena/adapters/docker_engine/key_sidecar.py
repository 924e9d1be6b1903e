"""Forward an agent's calls to model providers and add the keys, which only this program has.

    python3 -I key_sidecar.py SETTINGS

Serves ``/<provider>/<path>`` on port 8080 and sends it on to the provider's own address. The agent's headers that
could carry a key are dropped, redirects are not followed, and of each call a JSON line is written: host, bytes, tokens.
Runs in a container of its own with the standard library of Python 3.8 alone.
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

PORT = 8080
MAX_BODY = 32 << 20
TIMEOUT_SEC = 900
TAIL = 1 << 16
_PATH = re.compile(r"/([a-z0-9-]{1,64})(/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~=&%+-]*)?)")
_KEPT = ("content-type", "accept", "anthropic-version", "anthropic-beta", "openai-beta", "user-agent")
_USED = {
    "input_tokens": re.compile(rb'"(?:prompt_tokens|input_tokens)"\s*:\s*(\d{1,12})'),
    "output_tokens": re.compile(rb'"(?:completion_tokens|output_tokens)"\s*:\s*(\d{1,12})'),
}


class Account:
    """What was spent with one provider."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.spent = 0.0
        self.lock = threading.Lock()

    def may_call(self) -> bool:
        """Say whether the limit, if there is one, is not reached yet."""
        most = self.settings.get("most_usd")
        return most is None or self.spent < most

    def note(self, used: dict[str, int]) -> None:
        """Add a call's price."""
        with self.lock:
            for kind in ("input", "output"):
                self.spent += used[f"{kind}_tokens"] * (self.settings.get(f"usd_per_million_{kind}") or 0.0) / 1e6


def used_of(tail: bytes) -> dict[str, int]:
    """Return the tokens that the end of an answer names last."""
    return {name: int((pattern.findall(tail) or [b"0"])[-1]) for name, pattern in _USED.items()}


def say(row: dict[str, Any]) -> None:
    """Write a row of the log."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    """Forwards one call at a time per connection."""

    accounts: dict[str, Account] = {}  # noqa: RUF012 (filled once, before the first call)
    timeout = TIMEOUT_SEC

    def do_GET(self) -> None:
        """Forward."""
        self.forward()

    def do_POST(self) -> None:
        """Forward."""
        self.forward()

    def forward(self) -> None:
        """Send the call on, or refuse it."""
        row: dict[str, Any] = {"time": round(time.time(), 3), "host": "keys", "port": PORT, "allowed": False}
        try:
            self.answer(row)
        except (OSError, http.client.HTTPException, ValueError) as error:
            row["why"] = type(error).__name__
            with suppress(OSError):
                self.refuse(502, "the provider did not answer")
        finally:
            say(row)

    def answer(self, row: dict[str, Any]) -> None:
        """Forward one call and stream its answer back."""
        found = _PATH.fullmatch(self.path)
        account = self.accounts.get(found[1]) if found else None
        length = self.headers.get("Content-Length", "0")
        if found is None or account is None or ".." in self.path:
            row["why"] = "no such provider or path"
            return self.refuse(404, row["why"])
        if not length.isdigit() or int(length) > MAX_BODY:
            row["why"] = "too large"
            return self.refuse(413, row["why"])
        if not account.may_call():
            row["why"] = "the limit of what may be spent is reached"
            return self.refuse(429, row["why"])
        body = self.rfile.read(int(length))
        place = urlsplit(account.settings["url"])
        row.update(host=place.hostname, port=place.port or (443 if place.scheme == "https" else 80), allowed=True)
        row.update(provider=found[1], sent=len(body), received=0)
        self.stream(account, found[2], body, row)
        return None

    def stream(self, account: Account, path: str, body: bytes, row: dict[str, Any]) -> None:
        """Carry the answer, and count what it says of tokens."""
        settings = account.settings
        place = urlsplit(settings["url"])
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(str(place.hostname), place.port, timeout=TIMEOUT_SEC)
        headers = {name: value for name, value in self.headers.items() if name.lower() in _KEPT}
        headers[settings["header"]] = settings["prefix"] + settings["key"]
        headers["Accept-Encoding"] = "identity"
        try:
            connection.request(self.command, place.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/octet-stream"))
            self.send_header("Connection", "close")
            self.end_headers()
            tail = b""
            while True:
                chunk = answer.read1(65536)
                if not chunk:
                    break
                self.wfile.write(chunk)
                self.wfile.flush()
                row["received"] += len(chunk)
                tail = (tail + chunk)[-TAIL:]
            used = used_of(tail)
            account.note(used)
            row.update(used)
        finally:
            connection.close()
            self.close_connection = True

    def refuse(self, status: int, why: str) -> None:
        """Answer without forwarding."""
        data = json.dumps({"error": f"the arena: {why}"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """The rows are the log."""


def main(path: str) -> None:
    """Serve until the container ends."""
    with open(path, encoding="utf-8") as file:
        Handler.accounts = {one["name"]: Account(one) for one in json.load(file)}
    server = http.server.ThreadingHTTPServer(("0.0.0.0", PORT), Handler)  # noqa: S104 (of its container)
    say({"listening": PORT})
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
