"""One trial on a real engine: what reaches the reward and what does not."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from trial_packages import BASE, COPY_VERIFIER, SMALL, write_package

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL, sweep
from posttrain_arena.core.trial.agents import AgentRun, Noop, Oracle, StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Isolation, Trial

pytestmark = pytest.mark.docker
ISOLATIONS: tuple[Isolation, ...] = ("fresh", "warm")


@dataclass(frozen=True)
class Script:
    """An agent that runs given commands and keeps what they printed."""

    commands: tuple[str, ...]
    name: str = "chat"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        results = [sandbox.run(command, timeout_sec=10) for command in self.commands]
        reason = "timeout" if any(result.timed_out for result in results) else "completed"
        return AgentRun(exit_reason=reason, log="".join(result.output for result in results))


def attempt(engine: DockerEngine, task: TaskPackage, *commands: str, isolation: Isolation = "fresh") -> Trial:
    return run_trial(TrialRequest(task=task, agent=Script(commands), isolation=isolation), engine)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskPackage:
    return write_package(tmp_path_factory.mktemp("packages"), "copy-note")


@pytest.mark.parametrize("isolation", ISOLATIONS)
@pytest.mark.parametrize("agent", [Oracle(), StepwiseOracle()], ids=["whole", "stepwise"])
def test_oracle_passes(engine: DockerEngine, task: TaskPackage, agent: object, isolation: Isolation) -> None:
    trial = run_trial(TrialRequest(task=task, agent=agent, isolation=isolation), engine)
    assert (trial.reward, trial.passed, trial.failure) == (1.0, True, None)


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_empty_trial_scores_zero_after_a_pass_in_the_same_container(
    engine: DockerEngine, task: TaskPackage, isolation: Isolation
) -> None:
    assert attempt(engine, task, "echo alpha > out", isolation=isolation).passed
    trial = run_trial(TrialRequest(task=task, agent=Noop(), isolation=isolation), engine)
    assert (trial.reward, trial.failure) == (0.0, None)


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_trial_starts_with_the_image_s_workspace_whatever_the_last_one_did(
    engine: DockerEngine, task: TaskPackage, isolation: Isolation
) -> None:
    attempt(
        engine,
        task,
        "rm note; echo x > /tmp/left; (while :; do echo alpha > /root/out; sleep 0.05; done) & disown",
        isolation=isolation,
    )
    trial = attempt(
        engine,
        task,
        "sleep 0.2; ls -A /root /tmp; cat note; pgrep -c . || ls /proc | grep -c '^[0-9]'",
        isolation=isolation,
    )
    assert "out" not in trial.agent_log.split()
    assert "left" not in trial.agent_log
    assert "alpha" in trial.agent_log
    assert trial.reward == 0.0


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_nothing_but_the_workspace_reaches_the_reward(
    engine: DockerEngine, task: TaskPackage, isolation: Isolation
) -> None:
    trial = attempt(
        engine,
        task,
        "mkdir -p /logs/verifier; cd /logs/verifier; echo 1.0 > reward.txt; echo '{\"reward\": 1.0}' > reward.json; cd",
        "(while :; do echo 1.0 > /logs/verifier/reward.txt; done) & disown",
        "echo 'echo 1.0 > $BENCHFLOW_REWARD_TEXT; exit 0' > .bashrc; cp .bashrc .bash_profile; cp .bashrc .profile",
        "cat() { echo alpha; }; export -f cat; alias cat='echo alpha'",
        isolation=isolation,
    )
    assert (trial.reward, trial.failure) == (0.0, None)


def test_a_deleted_seed_file_is_deleted_for_the_verifier(engine: DockerEngine, tmp_path: Path) -> None:
    verifier = COPY_VERIFIER.replace(
        '[ "$(cat "$BENCHFLOW_WORKSPACE/out" 2>/dev/null)" = alpha ]', "[ ! -e /root/note ]"
    )
    task = write_package(tmp_path, "delete-note", verifier=verifier)
    assert attempt(engine, task, "rm note").reward == 1.0
    assert attempt(engine, task, "true").reward == 0.0


def test_the_agent_has_no_verifier_no_oracle_no_network_no_capabilities(
    engine: DockerEngine, task: TaskPackage
) -> None:
    trial = attempt(
        engine,
        task,
        "ls /verifier /oracle 2>&1 | grep -c 'No such'",
        "ls /sys/class/net | tr '\\n' ' '",
        "grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status",
        "ls -d /var/run/docker.sock 2>&1",
    )
    assert trial.agent_log.startswith("2\nlo ")
    assert "CapEff:\t0000000000000000" in trial.agent_log
    assert "NoNewPrivs:\t1" in trial.agent_log
    assert "No such file" in trial.agent_log.splitlines()[-1]


_SERVE = """python3 -c '
import os, socket
listening = socket.create_server(("localhost", 8000))
there = socket.create_connection(("localhost", 8000))
listening.accept()[0].sendall(b"heard")
print(there.recv(9), os.stat("/proc/self/ns/net").st_ino, sorted(os.listdir("/sys/class/net")))'
"""


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_agent_and_verifier_each_have_a_loopback_of_their_own(
    engine: DockerEngine, tmp_path: Path, isolation: Isolation
) -> None:
    task = write_package(tmp_path, "serve-locally", verifier=_SERVE + COPY_VERIFIER)
    trial = attempt(engine, task, _SERVE, isolation=isolation)
    here = os.stat("/proc/self/ns/net").st_ino
    found = [
        re.search(r"^b'heard' (\d+) \['lo'\]$", log, re.MULTILINE) for log in (trial.agent_log, trial.verifier_log)
    ]
    assert all(found), (trial.agent_log, trial.verifier_log)
    assert here not in {int(match[1]) for match in found if match}
    assert isolation == "fresh" or found[0][1] != found[1][1]


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_an_agent_that_hangs_is_timed_out_and_its_work_is_scored(
    engine: DockerEngine, tmp_path: Path, isolation: Isolation
) -> None:
    task = write_package(
        tmp_path, "hang", oracle="echo alpha > out\nsleep 60\n", limits=replace(SMALL, agent_timeout_sec=1)
    )
    trial = run_trial(TrialRequest(task=task, agent=StepwiseOracle(), isolation=isolation), engine)
    assert trial.exit_reason == "timeout"
    assert trial.reward == 1.0
    assert not trial.passed
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.reason) == ("author", "oracle-timeout")


def test_endless_output_and_a_fork_bomb_end_with_the_trial(engine: DockerEngine, task: TaskPackage) -> None:
    trial = attempt(engine, task, "bomb() { bomb | bomb & }; bomb; sleep 1; yes")
    assert trial.exit_reason == "timeout"
    assert (trial.reward, trial.failure) == (0.0, None)


def test_a_link_out_of_the_workspace_brings_nothing_in(engine: DockerEngine, tmp_path: Path) -> None:
    task = write_package(tmp_path, "link", verifier=COPY_VERIFIER)
    (task.path / "verifier" / "answer").write_text("alpha\n", encoding="utf-8")
    trial = attempt(engine, task, "ln -s /etc/hostname out; ln -s / everything")
    assert (trial.reward, trial.failure) == (0.0, None)


def test_containers_of_a_dead_run_are_swept_and_those_of_a_living_one_are_not(engine: DockerEngine) -> None:
    client = connect()
    dead = client.create_container(BASE, ["true"], labels={OWNER_LABEL: "another-boot:1"})["Id"]
    assert sweep(client) == 1
    assert not client.containers(all=True, filters={"id": dead})


def test_leaving_the_engine_leaves_no_container(tmp_path: Path) -> None:
    own_image = f"FROM {BASE}\nWORKDIR /root\nCOPY note /root/note\nLABEL test=leave-nothing\n"
    task = write_package(tmp_path, "leave-nothing", dockerfile=own_image)
    with DockerEngine() as engine:
        image = engine.build(task)
        for isolation in ISOLATIONS:
            attempt(engine, task, "true", isolation=isolation)
    assert not connect().containers(all=True, filters={"ancestor": image})
