"""Attempts to get out of a trial, against the real engine: each file in attempts/ is one, and none may succeed.

``sees`` print ESCAPED where they got hold of something; ``forges`` leave things for the verifier phase, which must pay
nothing; ``exhausts`` take what they can get, and the machine, the record and the next trial must be none the worse.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from trial_packages import write_package

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL, owner_mark
from posttrain_arena.core.trial.agents import AgentRun, Noop, Oracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.model.task import Limits, TaskPackage
from posttrain_arena.model.trial import Isolation, Trial

pytestmark = pytest.mark.docker

ATTEMPTS = Path(__file__).parent / "attempts"
SECRET = "only-the-verifier-knows"
LIMITS = Limits(agent_timeout_sec=12, verifier_timeout_sec=12, build_timeout_sec=60, memory_mb=256, storage_mb=128)
STRICT = f"""\
# {SECRET}
reward=0.0
if [ -f "$BENCHFLOW_WORKSPACE/answer" ] && [ ! -L "$BENCHFLOW_WORKSPACE/answer" ] \\
  && cmp -s <(head -c 100 "$BENCHFLOW_WORKSPACE/answer") /verifier/expected.txt; then reward=1.0; fi
mkdir -p "$(dirname "$BENCHFLOW_REWARD_TEXT")"
echo $reward > "$BENCHFLOW_REWARD_TEXT"
echo "{{\\"reward\\": $reward}}" > "$BENCHFLOW_REWARD_JSON"
exit 0
"""


def attempts(kind: str) -> list[str]:
    return sorted(path.stem for path in (ATTEMPTS / kind).glob("*.sh"))


class Attempt:
    """Types the script of an attempt."""

    name = "attempt"

    def __init__(self, kind: str, name: str) -> None:
        self.script = (ATTEMPTS / kind / f"{name}.sh").read_text(encoding="utf-8")

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        result = sandbox.run(self.script, timeout_sec=task.limits.agent_timeout_sec)
        return AgentRun(exit_reason="timeout" if result.timed_out else "completed", log=result.output)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskPackage:
    folder = tmp_path_factory.mktemp("escape")
    written = write_package(
        folder, "guarded", oracle=f"echo {SECRET}-the-answer > answer\n", verifier=STRICT, limits=LIMITS
    )
    (written.path / "verifier" / "expected.txt").write_text(f"{SECRET}-the-answer\n")
    return written


@pytest.fixture(scope="module", autouse=True)
def planted(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What an attempt would find if it saw the machine."""
    os.environ["ARENA_TEST_SECRET"] = "planted"
    (tmp_path_factory.mktemp("host") / "arena-host-marker").touch()


def tried(task: TaskPackage, engine: DockerEngine, kind: str, name: str, *, isolation: Isolation = "fresh") -> Trial:
    return run_trial(TrialRequest(task=task, agent=Attempt(kind, name), isolation=isolation), engine)


def test_there_are_enough_attempts() -> None:
    assert sum(len(attempts(kind)) for kind in ("sees", "forges", "exhausts")) >= 80


@pytest.mark.parametrize("isolation", ["fresh", "warm"])
def test_the_real_answer_passes(task: TaskPackage, engine: DockerEngine, isolation: Isolation) -> None:
    assert run_trial(TrialRequest(task=task, agent=Oracle(), isolation=isolation), engine).passed


class Looks:
    """Types every script that looks for something, one after another, and keeps what each said."""

    name = "looks"

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        for name in attempts("sees"):
            script = (ATTEMPTS / "sees" / f"{name}.sh").read_text(encoding="utf-8")
            self.said[name] = sandbox.run(f"(\n{script}\n)", timeout_sec=20).output
        return AgentRun(exit_reason="completed")


@pytest.fixture(scope="module", params=["fresh", "warm"])
def said(request: pytest.FixtureRequest, task: TaskPackage, engine: DockerEngine) -> dict[str, str]:
    looks = Looks()
    trial = run_trial(TrialRequest(task=task, agent=looks, isolation=request.param), engine)
    assert (trial.reward, trial.failure) == (0.0, None)
    return looks.said


@pytest.mark.parametrize("name", attempts("sees"))
def test_nothing_is_seen(name: str, said: dict[str, str]) -> None:
    assert "ESCAPED" not in said[name], said[name]


def test_a_script_that_gets_hold_of_something_says_so(task: TaskPackage, engine: DockerEngine) -> None:
    with engine.open(task, str(engine.build(task)), isolation="fresh") as sandbox:
        sandbox.put_tree(task.path / "verifier", "/verifier")
        script = (ATTEMPTS / "sees" / "verifier-folder.sh").read_text(encoding="utf-8")
        assert "ESCAPED" in sandbox.run(script, timeout_sec=20).output


@pytest.mark.parametrize("isolation", ["fresh", "warm"])
@pytest.mark.parametrize("name", attempts("forges"))
def test_nothing_is_paid(name: str, isolation: Isolation, task: TaskPackage, engine: DockerEngine) -> None:
    trial = tried(task, engine, "forges", name, isolation=isolation)
    assert not trial.passed
    assert trial.reward in (None, 0.0)
    assert trial.failure is None or trial.failure.owner == "author", trial.failure
    after = run_trial(TrialRequest(task=task, agent=Noop(), isolation=isolation), engine)
    assert (after.reward, after.failure) == (0.0, None)


@pytest.mark.parametrize("name", attempts("exhausts"))
def test_nothing_gives_way(name: str, task: TaskPackage, engine: DockerEngine) -> None:
    free, began = shutil.disk_usage("/").free, time.monotonic()
    trial = tried(task, engine, "exhausts", name)
    assert time.monotonic() - began < 60
    assert not trial.passed
    assert trial.failure is None or trial.failure.owner == "author", trial.failure
    assert free - shutil.disk_usage("/").free < 300 << 20
    assert run_trial(TrialRequest(task=task, agent=Oracle()), engine).passed


def test_more_than_the_declared_disk_is_a_failure_that_says_so(task: TaskPackage, engine: DockerEngine) -> None:
    failure = tried(task, engine, "exhausts", "disk").failure
    assert failure is not None
    assert (failure.stage, failure.owner, failure.reason) == ("agent", "author", "disk-limit")


def test_too_large_a_workspace_is_a_failure_that_says_so(task: TaskPackage, engine: DockerEngine) -> None:
    roomy = replace(task, limits=replace(LIMITS, storage_mb=1024))
    failure = tried(roomy, engine, "exhausts", "workspace").failure
    assert failure is not None
    assert (failure.stage, failure.owner, failure.reason) == ("agent", "author", "left-too-much")


def test_nothing_is_left_behind(engine: DockerEngine) -> None:
    engine.release()
    assert connect().containers(all=True, filters={"label": f"{OWNER_LABEL}={owner_mark()}"}) == []
