"""Score an agent's completions on the dev split, over a socket that its container is given.

The service holds the dev split and nothing else; the judge runs in a process of its own for each call.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import SHUT_WR
from typing import Any

import msgspec

from posttrain_arena.core.benchmarks.contract import Lost
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.agent_run import ScoringCall
from posttrain_arena.model.benchmark import Item

MAX_BODY_BYTES = 16 << 20
MAX_CALLS = 2000
PATIENCE_SEC = 60
MAX_OPEN = 16
"""Connections at once; more are closed unheard. Threads, sockets and bodies are the supervisor's own."""

Scores = Callable[[Sequence[Item], Sequence[str]], Sequence[float | Lost]]


@dataclass(slots=True, kw_only=True)
class JudgeBudget:
    """The verdicts that a run may ask a model for: how many in all, and how many were asked for so far."""

    limit: int
    needs: Callable[[Item], int]
    asked: int = 0

    def take(self, items: Sequence[Item]) -> None:
        """Count what the answers to the items need; raises RefusedError where that is more than is left."""
        needed = sum(map(self.needs, items))
        if needed > self.left:
            raise RefusedError(
                f"a model judges, of which a run may ask {self.limit} questions: {self.left} are left, this call needs "
                f"{needed}: send answers to fewer items"
            )
        self.asked += needed

    @property
    def left(self) -> int:
        """Return how many questions may still be asked."""
        return self.limit - self.asked


class RefusedError(Exception):
    """A call that is not answered with scores; the text goes to the agent and into the log."""


class ScoringService:
    """Serves one run. Use as a context manager; each call becomes a line of ``log``."""

    def __init__(
        self,
        items: Sequence[Item],
        scores: Scores,
        *,
        socket: Path,
        log: Path,
        at: Callable[[], float],
        judge: JudgeBudget | None = None,
    ) -> None:
        self._items = {item.id: item for item in items}
        self._scores = scores
        self._log = log
        self._at = at
        self._judge = judge
        self._one = threading.Lock()
        self.calls = 0
        self._server = _Server(str(socket), _handler(self))
        socket.chmod(0o666)  # whoever the agent is in its container

    def __enter__(self) -> ScoringService:
        threading.Thread(target=self._server.serve_forever, name="scoring", daemon=True).start()
        self._log.touch()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """Return status and answer of one call, one call at a time."""
        with self._one:
            try:
                return 200, self._scored(body)
            except RefusedError as refusal:
                self._note("refused", 0, None, str(refusal))
                return 400, {"error": str(refusal)}
            except ArenaError as error:
                self._note("refused", 0, None, "the judge broke")
                return 500, {"error": f"the judge broke, which is no fault of yours: {str(error)[:200]}"}

    def _scored(self, body: bytes) -> Mapping[str, Any]:
        if self.calls >= MAX_CALLS:
            raise RefusedError(f"there were {MAX_CALLS} calls already")
        said = _completions(body)
        unknown = sorted(set(said) - set(self._items))
        if unknown:
            raise RefusedError(f"no item of the dev split: {unknown[0]!r:.80}")
        if not said:
            raise RefusedError("there are no completions")
        names = sorted(said)
        items = [self._items[name] for name in names]
        if self._judge:
            self._judge.take(items)
        found = dict(zip(names, self._scores(items, [said[name] for name in names]), strict=True))
        scores = {name: 0.0 if isinstance(one, Lost) else one for name, one in found.items()}
        mean = sum(scores.values()) / len(scores)
        self._note("completions", len(scores), mean, "")
        if self._judge is None:
            return {"score": mean, "items": scores}
        lost = {name: one.why for name, one in found.items() if isinstance(one, Lost)}
        return {"score": mean, "items": scores, "lost": lost, "questions_left": self._judge.left}

    def _note(self, kind: str, items: int, score: float | None, detail: str) -> None:
        self.calls += 1
        if self.calls > 2 * MAX_CALLS:  # refused ones: enough is known
            return
        call = {"at_sec": round(self._at(), 3), "kind": kind, "items": items, "score": score, "detail": detail}
        line = documents.to_document(documents.from_document(ScoringCall, call, where="a call"))
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")


def _completions(body: bytes) -> dict[str, str]:
    try:
        request = msgspec.json.decode(body, type=dict[str, dict[str, str]])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise RefusedError('send {"completions": {"id of an item": "text", …}}') from error
    if set(request) != {"completions"}:
        raise RefusedError('send {"completions": {"id of an item": "text", …}}')
    return request["completions"]


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(path, handler)
        self._free = threading.BoundedSemaphore(MAX_OPEN)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An agent that goes away is nothing to tell."""


def _handler(service: ScoringService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_SEC

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or len(length) > 12 or int(length) > MAX_BODY_BYTES:
                self._send(413, {"error": f"send at most {MAX_BODY_BYTES >> 20} MB, and say how much"})
                self._hear_out()
                return
            self._send(*service.answer(self.rfile.read(int(length))))

        def _send(self, status: int, answer: Mapping[str, Any]) -> None:
            data = json.dumps(answer).encode()
            with suppress(OSError):  # the agent did not wait
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def _hear_out(self) -> None:
            """Take what is still being sent, within bounds: who sends to a closed socket never reads the answer."""
            left = MAX_BODY_BYTES
            with suppress(OSError):
                self.connection.shutdown(SHUT_WR)
                while left > 0 and (data := self.rfile.read1(1 << 16)):
                    left -= len(data)

        def log_message(self, format: str, *args: object) -> None:  # the calls have a log of their own
            return

    return Handler
