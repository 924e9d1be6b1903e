"""Model servers as processes: they end with us, are started again where they die, and say why they did not start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import InMemoryEngine
from server_processes import processes, servers
from tiny_policy import Served, TinyPolicy, serving, tiny_recipe

from posttrain_arena.adapters.model_server import keeper
from posttrain_arena.adapters.model_server.commands import Command, server_command
from posttrain_arena.adapters.model_server.process import RESTARTS, ModelProcess
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.errors import ModelServerError

pytestmark = pytest.mark.training

RECIPES = (
    pytest.param("tiny", id="transformers"),
    pytest.param("tiny-vllm", id="vllm", marks=pytest.mark.vllm),
)


@pytest.fixture(params=RECIPES)
def mortal(request: pytest.FixtureRequest, tiny: TinyPolicy, tmp_path: Path) -> Iterator[Served]:
    """Serve the tiny policy by a server that a test may kill."""
    with serving(tiny, tiny_recipe(request.param), tmp_path / "log") as served:
        yield served


def _eventually(met: Callable[[], bool], *, within_sec: float) -> bool:
    ends = time.monotonic() + within_sec
    while time.monotonic() < ends:
        if met():
            return True
        time.sleep(0.2)
    return met()


def test_a_server_that_dies_loses_the_trial_and_is_there_for_the_next(mortal: Served) -> None:
    adapter = mortal.tiny.adapters[0]
    mortal.policy.load("policy", adapter)
    agent = mortal.policy.agent("policy")
    request = TrialRequest(task=mortal.tiny.tasks[0], agent=agent, seed=1)
    straight = run_trial(request, InMemoryEngine())
    for number in servers(mortal):
        os.kill(number, signal.SIGKILL)
    lost = run_trial(request, InMemoryEngine())
    assert lost.failure is not None
    assert (lost.failure.owner, lost.failure.reason) == ("infrastructure", "model-restarted")
    again = run_trial(request, InMemoryEngine())
    assert [turn.token_ids for turn in again.trajectory] == [turn.token_ids for turn in straight.trajectory]
    assert mortal.policy.load("policy", adapter) <= mortal.recipe.server.sync_tolerance


@pytest.mark.vllm
def test_a_server_whose_engine_dies_is_started_again_too(tiny: TinyPolicy, tmp_path: Path) -> None:
    with serving(tiny, tiny_recipe("tiny-vllm"), tmp_path / "log") as served:
        before = served.policy.load("policy", tiny.adapters[0])
        (server,) = servers(served)
        engines = [number for number in _children(server) if "EngineCore" in _name(number)]
        assert engines
        for number in engines:
            os.kill(number, signal.SIGKILL)
        with pytest.raises(ModelServerError) as caught:
            served.policy.server.score("policy", [1, 2, 3])
        assert caught.value.reason == "model-restarted"
        assert served.policy.load("policy", tiny.adapters[0]) == before


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
    return found


def _name(number: int) -> str:
    return (Path("/proc") / str(number) / "cmdline").read_text()


def test_a_server_that_dies_again_and_again_is_given_up(tiny: TinyPolicy, tmp_path: Path) -> None:
    with serving(tiny, tiny_recipe(), tmp_path / "log") as served:
        reasons = []
        for _ in range(RESTARTS + 1):
            for number in servers(served):
                os.kill(number, signal.SIGKILL)
            with pytest.raises(ModelServerError) as caught:
                served.policy.server.score("base", [1, 2, 3])
            reasons.append(caught.value.reason)
        assert reasons == ["model-restarted"] * RESTARTS + ["model-gone"]
        assert f"died or hung {RESTARTS + 1} times" in str(caught.value)


_ARENA = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from tiny_policy import TinyPolicy, serving, tiny_recipe
with serving(TinyPolicy(base=Path({base!r}), adapters=None, tasks=()), tiny_recipe({name!r}), Path({log!r})):
    print("up", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("name", RECIPES)
def test_a_killed_arena_leaves_no_server_behind(tiny: TinyPolicy, tmp_path: Path, name: str) -> None:
    with serving(tiny, tiny_recipe(name), tmp_path / "first"):
        pass  # skips where there is no vLLM
    tests = str(Path(__file__).parent.parent)
    script = _ARENA.format(tests=tests, base=str(tiny.base), name=name, log=str(tmp_path / "log"))
    mark = f"ARENA_TEST={tmp_path}"
    environment = dict([*os.environ.items(), ("ARENA_TEST", str(tmp_path))])
    arena = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment, text=True)
    assert arena.stdout is not None
    assert arena.stdout.readline() == "up\n"
    running = set(processes(mark)) - {arena.pid}
    assert len(running) >= 2, "the keeper and the server"
    arena.kill()
    arena.wait()
    assert _eventually(lambda: not processes(mark), within_sec=3 * keeper.GRACE_SEC), processes(mark)


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    command = server_command(tmp_path / "no-model", tiny_recipe(), name="base")
    with (
        pytest.raises(ModelServerError, match=r"(?s)ended with 1 before it answered.*no-model"),
        ModelProcess(command, log=tmp_path / "log"),
    ):
        pytest.fail("it started")


def test_a_server_that_never_answers_is_ended(tmp_path: Path) -> None:
    mark = f"ARENA_TEST={tmp_path}"
    sleeper = Command(
        argv=(sys.executable, "-c", "import time; print('waiting', flush=True); time.sleep(600)"),
        environment=dict([*os.environ.items(), ("ARENA_TEST", str(tmp_path))]),
        start_timeout_sec=2,
    )
    with (
        pytest.raises(ModelServerError, match=r"(?s)did not answer within 2 s.*waiting"),
        ModelProcess(sleeper, log=tmp_path / "log"),
    ):
        pytest.fail("it started")
    assert processes(mark) == {}


@pytest.mark.parametrize(("program", "code"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_the_keeper_ends_as_its_program_does(program: str, code: int) -> None:
    argv = [sys.executable, str(keeper.__file__), sys.executable, "-c", program]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        assert process.wait(timeout=60) == code


def test_the_keeper_ends_what_its_program_left_behind(tmp_path: Path) -> None:
    mark = f"ARENA_TEST={tmp_path}"
    program = "import subprocess; subprocess.Popen(['sleep', '600'])"
    environment = dict([*os.environ.items(), ("ARENA_TEST", str(tmp_path))])
    with subprocess.Popen(
        [sys.executable, str(keeper.__file__), sys.executable, "-c", program], stdin=subprocess.PIPE, env=environment
    ) as process:
        assert process.wait(timeout=60) == 0
    assert processes(mark) == {}


def test_the_keeper_kills_a_program_that_will_not_end(tmp_path: Path) -> None:
    mark = f"ARENA_TEST={tmp_path}"
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    environment = dict([*os.environ.items(), ("ARENA_TEST", str(tmp_path))])
    argv = [sys.executable, str(keeper.__file__), sys.executable, "-c", program]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.stdin.close()
        assert process.wait(timeout=3 * keeper.GRACE_SEC) == 137
    assert processes(mark) == {}
