"""The scoring service answers on the items it holds, refuses everything else, and logs every call."""

from __future__ import annotations

import http.client
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from posttrain_arena.adapters.agents import scoring_service
from posttrain_arena.adapters.agents.scoring_service import JudgeBudget, ScoringService
from posttrain_arena.core.benchmarks.contract import Lost
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.benchmark import Item

ITEMS = [Item(id=f"dev-{n}", prompt=f"{n} + 1?", reference={"answer": str(n + 1)}) for n in range(3)]
Ask = Callable[[bytes], tuple[int, Any]]


def _scores(items: Sequence[Item], said: Sequence[str]) -> list[float]:
    if "break" in said:
        raise ArenaError("the judge fell over")
    return [float(text == item.reference["answer"]) for item, text in zip(items, said, strict=True)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "scoring.jsonl"


@pytest.fixture
def place(log: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # sockets' paths are short
        place = Path(folder, "s")
        with ScoringService(ITEMS, _scores, socket=place, log=log, at=lambda: 1.5):
            yield place


@pytest.fixture
def ask(place: Path) -> Ask:
    return lambda body: _asked(place, body)


def _asked(place: Path, body: bytes) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("arena", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.connect(str(place))
    connection.request("POST", "/score", body)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_scores_are_told_by_item_and_logged(ask: Ask, log: Path) -> None:
    body = json.dumps({"completions": {"dev-2": "3", "dev-0": "7"}}).encode()
    assert ask(body) == (200, {"score": 0.5, "items": {"dev-0": 0.0, "dev-2": 1.0}})
    (line,) = log.read_text().splitlines()
    assert json.loads(line) == {"at_sec": 1.5, "detail": "", "items": 2, "kind": "completions", "score": 0.5}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 20_000,
        b'{"completions": {}}',
        b'{"completions": {"dev-0": 1}}',
        b'{"completions": {"dev-0": null}}',
        b'{"completions": {"hidden-0": "1"}}',
        b'{"completions": {"dev-0": "1"}, "more": {}}',
        b'{"completions": {"dev-0": "1"}}{',
    ],
)
def test_everything_else_is_refused_and_logged(ask: Ask, log: Path, body: bytes) -> None:
    status, answer = ask(body)
    assert (status, set(answer)) == (400, {"error"})
    assert [json.loads(line)["kind"] for line in log.read_text().splitlines()] == ["refused"]
    assert ask(b'{"completions": {"dev-0": "1"}}')[0] == 200


def test_a_judge_that_breaks_is_no_zero(ask: Ask) -> None:
    status, answer = ask(b'{"completions": {"dev-0": "break"}}')
    assert status == 500
    assert "no fault of yours" in answer["error"]


def test_calls_are_counted(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_service, "MAX_CALLS", 1)
    body = b'{"completions": {"dev-0": "1"}}'
    assert [ask(body)[0] for _ in range(2)] == [200, 400]


def test_questions_to_a_model_that_judges_are_counted_and_bounded(log: Path) -> None:
    asked: list[int] = []

    def judge(items: Sequence[Item], said: Sequence[str]) -> list[float | Lost]:
        asked.append(len(items))
        return [Lost("judge-refused") if text == "odd" else 1.0 for text in said]

    budget = JudgeBudget(limit=5, needs=lambda item: 2)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "s")
        with ScoringService(ITEMS, judge, socket=place, log=log, at=lambda: 1.5, judge=budget):
            status, said = _asked(place, b'{"completions": {"dev-0": "odd", "dev-1": "x"}}')
            assert (status, said["score"], said["items"]) == (200, 0.5, {"dev-0": 0.0, "dev-1": 1.0})
            assert (said["lost"], said["questions_left"]) == ({"dev-0": "judge-refused"}, 1)
            status, said = _asked(place, b'{"completions": {"dev-0": "x"}}')
            assert status == 400
            assert "1 are left, this call needs 2" in said["error"]
    assert (asked, budget.asked) == ([2], 4)


def test_bodies_are_bounded(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_service, "MAX_BODY_BYTES", 100)
    assert ask(b'{"completions": {"dev-0": "' + b"x" * 200 + b'"}}')[0] == 413


def test_who_sends_too_much_still_reads_why(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_service, "MAX_BODY_BYTES", 1000)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        agent.settimeout(20)
        agent.connect(str(place))
        agent.sendall(b"POST /score HTTP/1.1\r\nContent-Length: 1001\r\n\r\n")
        said = agent.recv(1 << 16)  # refused by now, and the body is still to come
        agent.sendall(b"x" * 500)
        agent.sendall(b"x" * 501)
        while more := agent.recv(1 << 16):
            said += more
    assert said.startswith(b"HTTP/1.0 413")
    assert b"and say how much" in said


def test_connections_that_say_nothing_are_bounded_and_end(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_service, "MAX_OPEN", 4)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "s")
        with ScoringService(ITEMS, _scores, socket=place, log=log, at=lambda: 1.5):
            threads = threading.active_count()
            held = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(50)]
            for one in held:
                one.connect(str(place))
            assert [one.recv(1) for one in held[4:]] == [b""] * 46  # closed, while four are waited for
            assert threading.active_count() == threads + 4
            for one in held:
                one.close()
            while threading.active_count() > threads:
                time.sleep(0.01)
            assert _asked(place, b'{"completions": {"dev-0": "1"}}')[0] == 200
