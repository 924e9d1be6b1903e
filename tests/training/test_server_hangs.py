"""Model servers that hang without dying: what was asked of them is lost, and one that is only slow is left alone."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import InMemoryEngine
from server_processes import processes, servers
from tiny_policy import Served, TinyPolicy, serving, tiny_recipe

from posttrain_arena.adapters.model_server import keeper
from posttrain_arena.adapters.model_server.client import PolicyServer, Sampling
from posttrain_arena.adapters.model_server.commands import Command
from posttrain_arena.adapters.model_server.endpoint import Endpoint
from posttrain_arena.adapters.model_server.messages import MessageChatModel
from posttrain_arena.adapters.model_server.process import RESTARTS, ModelProcess
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model.task import TaskPackage

pytestmark = pytest.mark.training

SILENT_SEC = 3
SAMPLING = Sampling(max_tokens=8, temperature=1.0, context=512)

WITHOUT_TOKENS = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"data": [{"id": "base"}]}')
    def do_POST(self):
        time.sleep(600)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[-1])), Handler).serve_forever()
"""
"""A server whose front answers while what computes behind it hangs."""


@pytest.fixture(
    params=[
        pytest.param("tiny", id="transformers"),
        pytest.param("tiny-vllm", id="vllm", marks=pytest.mark.vllm),
    ]
)
def mortal(request: pytest.FixtureRequest, tiny: TinyPolicy, tmp_path: Path) -> Iterator[Served]:
    """Serve the tiny policy by a server that a test may stop."""
    with serving(tiny, tiny_recipe(request.param), tmp_path / "log", silent_sec=SILENT_SEC) as served:
        yield served


def within(task: TaskPackage, seconds: float) -> TaskPackage:
    return replace(task, limits=replace(task.limits, agent_timeout_sec=seconds))


def reason_of(act: Callable[[], object]) -> str:
    with pytest.raises(ModelServerError) as caught:
        act()
    return caught.value.reason


def test_a_server_that_hangs_loses_the_trial_and_is_started_again(mortal: Served) -> None:
    agent, task = mortal.policy.agent("policy"), mortal.tiny.tasks[0]
    mortal.policy.load("policy", mortal.tiny.adapters[0])
    request = TrialRequest(task=task, agent=agent, seed=1)
    straight = run_trial(request, InMemoryEngine())
    for number in servers(mortal):
        os.kill(number, signal.SIGSTOP)
    lost = run_trial(replace(request, task=within(task, 2)), InMemoryEngine())
    assert lost.failure is not None
    assert (lost.failure.owner, lost.failure.reason) == ("infrastructure", "model-restarted")
    assert lost.exit_reason == "failed"
    again = run_trial(request, InMemoryEngine())
    assert [turn.token_ids for turn in again.trajectory] == [turn.token_ids for turn in straight.trajectory]
    assert mortal.process.starts == 2


def test_a_server_that_is_too_slow_for_the_task_is_a_timeout_and_stays(mortal: Served) -> None:
    task = within(mortal.tiny.tasks[0], 0.001)
    trial = run_trial(TrialRequest(task=task, agent=mortal.policy.agent("base")), InMemoryEngine())
    assert (trial.exit_reason, trial.failure, trial.reward) == ("timeout", None, 0.0)
    assert mortal.process.starts == 1


def test_a_server_that_hangs_behind_a_front_that_answers_is_given_up_in_the_end(tmp_path: Path) -> None:
    mark = f"ARENA_TEST={tmp_path}"
    command = program(WITHOUT_TOKENS, tmp_path)
    with (
        ModelProcess(command, log=tmp_path / "log") as process,
        PolicyServer(process.url, process=process, silent_sec=1) as server,
    ):

        def ask() -> None:
            server.complete("base", [1, 2], seed=0, sampling=SAMPLING, timeout_sec=0.2)

        reasons = [reason_of(ask) for _ in range(RESTARTS + 1)]
        assert reasons == ["model-restarted"] * RESTARTS + ["model-gone"]
        assert processes(mark) == {}, "nobody waits for it again"
        assert reason_of(ask) == "model-gone"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_of_somebody_else_that_hangs_loses_the_trial(tiny: TinyPolicy, silent: str) -> None:
    with closing(Endpoint(silent, silent_sec=1)) as endpoint:
        model = MessageChatModel(endpoint=endpoint, model="m", sampling=replace(SAMPLING, context=10**6))
        request = TrialRequest(task=within(tiny.tasks[0], 1), agent=Chat(model=model, max_turns=3))
        trial = run_trial(request, InMemoryEngine())
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("infrastructure", "model-silent")


def test_a_server_that_cannot_be_ended_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = f"ARENA_TEST={tmp_path}"
    with ModelProcess(program(WITHOUT_TOKENS, tmp_path), log=tmp_path / "log") as process:
        (kept,) = [number for number, line in processes(mark).items() if "keeper.py" in line]
        os.kill(kept, signal.SIGSTOP)
        with monkeypatch.context() as short:
            short.setattr(keeper, "GRACE_SEC", 0.2)
            assert reason_of(lambda: process.revived(1, lambda: None, lambda: True)) == "model-gone"
        os.kill(kept, signal.SIGCONT)


def test_a_server_that_does_not_come_back_leaves_nothing_behind(tmp_path: Path) -> None:
    mark = f"ARENA_TEST={tmp_path}"
    once = f"import os, time\nif os.path.exists({str(tmp_path / 'began')!r}): time.sleep(600)\n"
    once += f"open({str(tmp_path / 'began')!r}, 'w').close()\n"
    command = replace(program(once + WITHOUT_TOKENS, tmp_path), start_timeout_sec=10)
    with ModelProcess(command, log=tmp_path / "log") as process:
        with pytest.raises(ModelServerError, match="did not answer within 10 s"):
            process.revived(1, lambda: None, lambda: True)
        assert processes(mark) == {}


def program(source: str, folder: Path) -> Command:
    """Return how to start a server that is written in a few lines; its processes are known by ``folder``."""
    return Command(
        argv=(sys.executable, "-c", source),
        environment=dict([*os.environ.items(), ("ARENA_TEST", str(folder))]),
        start_timeout_sec=60,
    )
