"""The side-car's program with a provider of the test: what is spent is known whatever the agent does with an answer."""

from __future__ import annotations

import http.client
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from posttrain_arena.adapters.docker_engine.key_sidecar import MAX_BODY, MAX_OPEN, MAX_REFUSED_ROWS, Log
from posttrain_arena.adapters.docker_engine.key_spending import OUTPUT_TOKENS
from posttrain_arena.adapters.docker_engine.sidecar import PROGRAM
from posttrain_arena.core.agents.connections import settled

USAGE = {"usage": {"prompt_tokens": 10, "completion_tokens": 5}}
CHAT = "/models/v1/chat/completions"


@dataclass
class Provider:
    """Answers by what the call's ``mode`` says, and keeps the calls."""

    port: int
    calls: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def provider() -> Iterator[Provider]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.calls.append(call)
            self.send_response(500 if call["mode"] == "fault" else 200)
            self.end_headers()
            if call["mode"] == "waits":
                made.go_on.wait(10)
            with suppress(OSError):
                while call["mode"] == "endless":
                    self.wfile.write(b'data: {"delta": "x"}\n\n' * 1000)
                told = call["mode"] == "waits" or call.get("stream_options", {}).get("include_usage")
                self.wfile.write(b"data: " + json.dumps(USAGE if told else {"choices": []}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(port=server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    made.go_on.set()
    server.shutdown()


@dataclass
class Sidecar:
    """The running program."""

    process: subprocess.Popen[str]
    port: int

    def call(self, body: Mapping[str, Any], path: str = CHAT) -> int:
        """Return the status of a call whose answer is read to its end."""
        return self.opened(body, path, lambda answer: answer.read())

    def opened(
        self, body: Mapping[str, Any], path: str, do: Callable[[http.client.HTTPResponse], object] = lambda _: None
    ) -> int:
        """Return the status of a call whose answer is given to ``do`` and then left."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", path, json.dumps(body))
        answer = connection.getresponse()
        do(answer)
        answer.close()
        connection.close()
        return answer.status

    def row(self) -> dict[str, Any]:
        """Return the next row of the log that is not of a call under way."""
        while "open" in (row := self.any_row()):
            pass
        return row

    def any_row(self) -> dict[str, Any]:
        """Return the next row of the log."""
        assert self.process.stdout is not None
        row: dict[str, Any] = json.loads(self.process.stdout.readline())
        return row


@pytest.fixture
def sidecar(provider: Provider, tmp_path: Path) -> Iterator[Sidecar]:
    """The program with a provider that takes a dollar for a token of output and allows 100."""
    settings = {
        "name": "models",
        "url": f"http://127.0.0.1:{provider.port}",
        "header": "Authorization",
        "prefix": "Bearer ",
        "key": "k",
        "usd_per_million_input": 0.0,
        "usd_per_million_output": 1e6,
        "most_usd": 100.0,
    }
    (tmp_path / "settings.json").write_text(json.dumps([settings]))
    argv = [sys.executable, "-m", PROGRAM, str(tmp_path / "settings.json"), "0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        made = Sidecar(process, 0)
        made.port = made.row()["listening"]
        yield made
        process.kill()


def test_a_stream_is_made_to_tell_its_tokens(provider: Provider, sidecar: Sidecar) -> None:
    body = {"mode": "told", "stream": True, "max_tokens": 50, "stream_options": {"x": 1}}
    assert sidecar.call(body) == 200
    assert provider.calls == [{**body, "stream_options": {"x": 1, "include_usage": True}}]
    row = sidecar.row()
    assert (row["input_tokens"], row["output_tokens"], row["allowed"]) == (10, 5, True)


def test_an_answer_without_tokens_costs_the_most_it_can_have_taken(sidecar: Sidecar) -> None:
    body = {"mode": "silent", "max_tokens": 30, "n": 2}
    assert sidecar.call(body) == 200
    row = sidecar.row()
    assert (row["input_tokens"], row["output_tokens"]) == (len(json.dumps(body)), 60)


def test_a_stream_that_the_agent_leaves_costs_what_it_asked_for(sidecar: Sidecar) -> None:
    assert sidecar.opened({"mode": "endless", "stream": True, "max_tokens": 70}, CHAT, lambda one: one.read(1)) == 200
    row = sidecar.row()
    assert row["output_tokens"] == 70
    assert row["why"] in ("ConnectionResetError", "BrokenPipeError")
    assert sidecar.call({"mode": "silent", "max_tokens": 31}) == 429
    assert sidecar.call({"mode": "silent", "max_tokens": 30}) == 200


def test_a_call_under_way_stands_in_the_log_with_what_was_reserved(provider: Provider, sidecar: Sidecar) -> None:
    thread = threading.Thread(target=sidecar.call, args=({"mode": "waits", "max_tokens": 40},))
    thread.start()
    first = sidecar.any_row()
    assert (first["open"], first["output_tokens"], settled([first])) == (True, 40, [first])
    provider.go_on.set()
    thread.join()
    second = sidecar.any_row()
    assert (second["call"], second["output_tokens"]) == (first["call"], 5)
    assert settled([first, second]) == [second]


def test_a_refusal_is_heard_whatever_was_sent(sidecar: Sidecar) -> None:
    body = {"mode": "silent", "text": "x" * 3_000_000}
    assert [sidecar.call(body, path) for path in ("/else/v1/chat/completions", "/models/v1/files", CHAT)] == [
        404,
        404,
        429,
    ]
    assert sidecar.call({"mode": "silent", "text": "x" * (MAX_BODY + 3_000_000)}) == 413


def test_a_call_that_fails_at_the_provider_costs_nothing(sidecar: Sidecar) -> None:
    assert sidecar.call({"mode": "fault", "max_tokens": 100}) == 500
    assert sidecar.row()["output_tokens"] == 0
    assert sidecar.call({"mode": "silent", "max_tokens": 100}) == 200


def test_calls_at_the_same_time_cannot_go_over_the_limit_together(provider: Provider, sidecar: Sidecar) -> None:
    statuses: list[int] = []
    body = {"mode": "waits", "max_tokens": 40}
    threads = [threading.Thread(target=lambda: statuses.append(sidecar.call(body))) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(statuses) < 6:
        time.sleep(0.02)
    assert statuses == [429] * 6
    provider.go_on.set()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, *[429] * 6]
    assert sidecar.call({"mode": "silent", "max_tokens": 90}) == 200  # the two took five each, and gave the rest back


def test_a_call_that_does_not_say_how_much_it_wants_is_taken_for_a_large_one(sidecar: Sidecar) -> None:
    assert sidecar.call({"mode": "silent"}) == 429
    assert OUTPUT_TOKENS > 100


def test_connections_that_say_nothing_are_bounded_and_end(sidecar: Sidecar) -> None:
    held = [socket.create_connection(("127.0.0.1", sidecar.port), timeout=10) for _ in range(MAX_OPEN + 20)]
    assert [one.recv(1) for one in held[MAX_OPEN:]] == [b""] * 20
    for one in held:
        one.close()
    until = time.monotonic() + 10
    while True:
        with suppress(OSError, http.client.HTTPException):
            assert sidecar.call({"mode": "silent", "max_tokens": 1}) == 200
            break
        assert time.monotonic() < until


@pytest.mark.parametrize("path", ["/models/v1/batches", "/models/v1/files", "/models/v1/fine_tuning/jobs", "/else/x"])
def test_calls_that_do_not_tell_what_they_cost_are_refused(path: str, sidecar: Sidecar, provider: Provider) -> None:
    assert sidecar.call({"mode": "told"}, path) == 404
    assert provider.calls == []
    assert sidecar.row()["allowed"] is False


def test_very_many_refused_calls_are_counted_and_push_nothing_out_of_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = Log()
    for _ in range(70_000):
        log.note({"allowed": False})
    log.note({"allowed": True})
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == MAX_REFUSED_ROWS + 7 + 1
    assert rows[-2]["why"] == "65536 calls were refused so far"
    assert rows[-1] == {"allowed": True}
