"""A GitHub of one repository, in this process: the operations that the bot uses, over HTTP, on real git objects.

It answers PyGithub as GitHub does, remembers what was written, judges every request by GitHub's own description of its
API (``contract``), and can be told to fail. What it cannot do answers 404, so that nothing goes unnoticed.
"""

from __future__ import annotations

import json
import re
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from contract import Contract
from fake_permissions import refusal
from git_store import GitStore, MovedError

BOT = "github-actions[bot]"
NAME = "posttrain-arena/posttrain-arena"

Answer = tuple[int, Any]


@dataclass
class Pull:
    """A pull request to ``base``: ``owner:branch`` is where it comes from; its head is that branch of the store."""

    number: int
    owner: str
    branch: str
    base: str = "main"
    state: str = "open"
    draft: bool = False
    labels: list[str] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Where the store keeps the head: forks share it, as on GitHub."""
        return f"refs/heads/{self.owner}/{self.branch}"


@dataclass
class Run:
    """A workflow run and the artifacts it handed over, by name."""

    id: int
    workflow: str
    head: str
    owner: str
    branch: str
    status: str = "completed"
    conclusion: str = "success"
    attempt: int = 1
    artifacts: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Failure:
    """The next ``times`` requests that match are answered with this."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    times: int


class FakeGitHub:
    """The state, and what was asked. ``faults`` are requests that GitHub's description does not allow."""

    def __init__(self, folder: Path, contract: Contract | None = None) -> None:
        self.store = GitStore(folder / "repository.git")
        self.pulls: dict[int, Pull] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.statuses: dict[str, list[dict[str, Any]]] = {}
        self.checks: list[dict[str, Any]] = []
        self.permissions: dict[str, str] = {}
        self.tokens: dict[str, dict[str, str]] = {}  # those that may not do everything
        self.runs: list[Run] = []
        self.dispatched: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.faults: list[str] = []
        self.failures: list[Failure] = []
        self.actor = BOT
        self.url = ""
        self._contract = contract
        self._lock = threading.RLock()
        self._ids = iter(range(1, 1_000_000))

    def open_pull(self, owner: str, branch: str, files: dict[str, bytes | None]) -> Pull:
        """Open a pull request of somebody's branch that starts at main."""
        with self._lock:
            pull = Pull(number=len(self.pulls) + 1, owner=owner, branch=branch)
            self.store.write(f"{owner}/{branch}", files, start="refs/heads/main")
            self.pulls[pull.number] = pull
            return pull

    def push(self, pull: Pull, files: dict[str, bytes | None]) -> str:
        """Push another commit to a pull request; return its head."""
        return self.store.write(f"{pull.owner}/{pull.branch}", files)

    def head(self, pull: Pull) -> str:
        """Return a pull request's head commit."""
        return self.store.ref(pull.ref)

    def fail(self, method: str, path: str, status: int, *, times: int = 1, **headers: str) -> None:
        """Have the next requests of this kind fail; ``path`` is a pattern."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.failures.append(Failure(method=method, path=path, status=status, headers=named, times=times))

    def comments_on(self, number: int) -> list[dict[str, Any]]:
        """Return the comments of a pull request, oldest first."""
        return [one for one in self.comments.values() if one["number"] == number]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Answer one request."""
        from fake_operations import OPERATIONS  # which know this class

        for verb, pattern, act in OPERATIONS:
            match = re.fullmatch(pattern, path)
            if verb == method and match is not None:
                with self._lock:
                    try:
                        return act(self, *match.groups(), query=query, body=body)
                    except KeyError as error:
                        return 404, {"message": "Not Found", "detail": str(error)}
                    except MovedError as error:
                        return 422, {"message": "Update is not a fast forward", "detail": str(error)}
        return 404, {"message": f"the fake has no {method} {path}"}

    def next_id(self) -> int:
        """Return a number that nothing has yet."""
        return next(self._ids)

    def api(self, rest: str) -> str:
        """Return the URL of something in the repository."""
        return f"{self.url}/repos/{NAME}/{rest}"

    def judge(self, method: str, url: str, body: Any) -> None:
        """Remember a request, and what GitHub's description says against it."""
        self.requests.append((method, url, body))
        if self._contract is not None and not url.startswith("/codeload/"):  # another server of GitHub's
            self.faults += self._contract.faults(method, url, body)


@contextmanager
def served(github: FakeGitHub) -> Iterator[FakeGitHub]:
    """Serve the fake on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length)
            body = json.loads(text) if text else None
            github.judge(self.command, self.path, body)
            parts = urllib.parse.urlsplit(self.path)
            failure = next((one for one in github.failures if _hits(one, self.command, parts.path)), None)
            if failure is not None:
                failure.times -= 1
                self.reply(failure.status, {"message": failure.headers.get("message", "made to fail")}, failure.headers)
                return
            query = dict(urllib.parse.parse_qsl(parts.query))
            path = (
                parts.path
                if "/labels/" in parts.path or "/contents/" in parts.path
                else urllib.parse.unquote(parts.path)
            )
            token = (self.headers.get("Authorization") or "").rpartition(" ")[2]
            lacks = refusal(github.tokens[token], self.command, parts.path) if token in github.tokens else ""
            if lacks:
                self.reply(403, {"message": lacks})
                return
            status, answer = github.answer(self.command, path, query, body)
            self.reply(status, answer, answer if status == 302 else None)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815 (so the library wants them)

        def reply(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
            raw = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/zip" if isinstance(answer, bytes) else "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()


def _hits(failure: Failure, method: str, path: str) -> bool:
    return failure.times > 0 and failure.method == method and re.search(failure.path, path) is not None
