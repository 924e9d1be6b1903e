"""A real HTTP server that answers chat requests from a script: the far side of the wire in tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = dict[str, Any] | bytes | int | float
"""A message, after ``delay`` seconds where it has one; or raw bytes as the body, a status, or seconds of silence."""


def calls(*tools: tuple[str, Any], content: str = "") -> dict[str, Any]:
    """Return a message with tool calls; arguments that are not text are written as JSON."""
    return {
        "content": content,
        "tool_calls": [
            {
                "id": f"id-{index}",
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for index, (name, given) in enumerate(tools)
        ],
    }


def bash(command: str) -> dict[str, Any]:
    """Return a message that runs one command."""
    return calls(("bash", {"command": command}))


SUBMIT = calls(("submit", {}))


def a_token_each(messages: int) -> list[int]:
    """Return one token for each message, its place in the conversation."""
    return list(range(messages))


class ScriptedEndpoint:
    """Gives its answers one after another and keeps the requests.

    ``tokens`` counts the tokens of a prompt's messages; without it no usage is told. ``ids`` gives the ids of a prompt
    of so many messages; an answer is one token then, the number of messages before it.
    """

    def __init__(
        self,
        answers: Sequence[Answer],
        *,
        tokens: Callable[[list[dict[str, Any]]], int] | None = None,
        ids: Callable[[int], list[int]] | None = None,
        max_model_len: int | None = None,
        takes_extras: bool = True,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._answers = list(answers)
        self._tokens = tokens
        self._ids = ids
        self._max_model_len = max_model_len
        self._takes_extras = takes_extras
        self._lock = threading.Lock()

    def models(self) -> dict[str, Any]:
        return {"data": [{"id": "m", "max_model_len": self._max_model_len}]}

    def answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        """Return the status and the body of the next answer."""
        if not self._takes_extras and ("return_token_ids" in body or "logprobs" in body):
            return 400, b'{"error": {"message": "Unrecognized request argument"}}'
        with self._lock:
            self.requests.append(body)
            given = self._answers.pop(0)
        if isinstance(given, bytes):
            return 200, given
        if isinstance(given, int):
            return given, b'{"error": {"message": "scripted"}}'
        if isinstance(given, float):
            time.sleep(given)
            given = SUBMIT
        time.sleep(given.get("delay", 0))
        return 200, json.dumps(self._document(body["messages"], given)).encode()

    def _document(self, prompt: list[dict[str, Any]], message: dict[str, Any]) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
        choice["finish_reason"] = message.get("finish_reason", choice["finish_reason"])
        told = {key: value for key, value in message.items() if key not in ("delay", "finish_reason")}
        choice["message"] = {"role": "assistant", "content": None, **told}
        doc: dict[str, Any] = {"object": "chat.completion", "choices": [choice]}
        if self._tokens is not None:
            doc["usage"] = {"prompt_tokens": self._tokens(prompt), "completion_tokens": 7, "total_tokens": 0}
        if self._ids is not None:
            doc["prompt_token_ids"] = self._ids(len(prompt))
            choice["token_ids"] = [len(prompt)]
            choice["logprobs"] = {"content": [{"token": "x", "logprob": -0.5, "bytes": None, "top_logprobs": []}]}
        return doc


@contextmanager
def serving(endpoint: ScriptedEndpoint) -> Iterator[str]:
    """Serve on a free loopback port; give the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, json.dumps(endpoint.models()).encode())

        def do_POST(self) -> None:
            endpoint.headers.append(dict(self.headers))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(*endpoint.answer(body))

        def _send(self, status: int, data: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # the client did not wait
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
