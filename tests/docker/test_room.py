"""Trials share the memory of the engine's machine: none waits for ever, none is let in that does not fit."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from trial_packages import BASE, COPY_VERIFIER, SMALL, write_package

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.room import Room, needed_mb
from posttrain_arena.cli.demo_kit import SHORT, make_kit
from posttrain_arena.cli.main import main
from posttrain_arena.core.trial.agents import AgentRun
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import Sandbox
from posttrain_arena.errors import MachineError
from posttrain_arena.model import documents
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Isolation

pytestmark = pytest.mark.docker

TOO_MUCH = "99999999"
"""MB that no machine has."""


@dataclass
class Fills:
    """Writes to memory that a warm container keeps, and counts how much is in use by its like at once."""

    used_mb: int = 0
    most_mb: int = 0
    lock: Any = field(default_factory=threading.Lock)
    name: str = "fills"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        self._count(needed_mb(task.limits))
        result = sandbox.run("echo alpha > out; head -c 8M /dev/zero > /tmp/full; sleep 0.3", timeout_sec=2)
        self._count(-needed_mb(task.limits))
        return AgentRun(exit_reason="timeout" if result.timed_out else "completed")

    def _count(self, mb: int) -> None:
        with self.lock:
            self.used_mb += mb
            self.most_mb = max(self.most_mb, self.used_mb)


@pytest.mark.parametrize("isolation", ["fresh", "warm"])
def test_trials_are_let_in_by_their_memory_and_all_of_them_end(tmp_path: Path, isolation: Isolation) -> None:
    """Eight at once where two small ones fit, or one large one: agent and verifier never wait for each other."""
    small = write_package(tmp_path, "small")
    large = write_package(tmp_path, "large", limits=replace(SMALL, memory_mb=700))
    room = Room(memory_mb=2 * needed_mb(small.limits) * 4 // 3 + 4, cpus=2)
    tasks = [small, small, small, large, small, small, large, small]
    agent = Fills()
    with DockerEngine(room=room) as engine:
        requests = [
            TrialRequest(task=task, agent=agent, attempt=number, isolation=isolation)
            for number, task in enumerate(tasks)
        ]
        began = time.monotonic()
        trials = run_trials(requests, engine, concurrency=len(tasks))
        seconds = time.monotonic() - began
    assert [(trial.attempt, trial.reward, trial.failure) for trial in trials] == [(n, 1.0, None) for n in range(8)]
    assert agent.most_mb == 2 * needed_mb(small.limits)
    assert max(trial.timings.total_sec() for trial in trials) < seconds / 2  # waiting is nobody's time


def test_a_task_larger_than_the_machine_is_tried_alone_where_nobody_refused_it(
    engine: DockerEngine, tmp_path: Path
) -> None:
    task = write_package(tmp_path, "larger", limits=replace(SMALL, memory_mb=4096))
    room, agent = Room(memory_mb=1024, cpus=2), Fills()
    with pytest.raises(MachineError, match="a trial of larger may use 4352 MB"):
        room.require([task])
    with DockerEngine(room=room) as small_engine:
        trials = run_trials([TrialRequest(task=task, agent=agent)] * 3, small_engine, concurrency=3)
    assert [trial.reward for trial in trials] == [1.0] * 3
    assert agent.most_mb == needed_mb(task.limits)


def test_the_engine_knows_its_machine(engine: DockerEngine, tmp_path: Path) -> None:
    task = write_package(tmp_path, "sized")
    info = connect().info()
    engine.require_room([task])
    whole = replace(task, limits=replace(SMALL, memory_mb=info["MemTotal"] >> 20))
    with pytest.raises(MachineError, match=f"of this machine's {info['MemTotal'] >> 20} MB"):
        engine.require_room([task, whole])
    with pytest.raises(MachineError, match=f"has {info['NCPU'] + 1} cpus, and this machine {info['NCPU']}"):
        engine.require_room([task, replace(task, limits=replace(SMALL, cpus=info["NCPU"] + 1))])


@pytest.mark.parametrize("command", ["post-train", "evaluate"])
def test_what_the_machine_cannot_hold_is_refused_before_anything_begins(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = make_kit(tmp_path / "kit", SHORT)
    folder = kit.tasks[3].path if command == "post-train" else kit.suite_tasks["copy-word-held-out-002"].path
    text = (folder / "task.md").read_text(encoding="utf-8")
    (folder / "task.md").write_text(text.replace("memory_mb: 256", f"memory_mb: {TOO_MUCH}"), encoding="utf-8")
    job = tmp_path / "kit" / "run" / "job.json"
    documents.write_document(job, kit.job(0, beside=job.parent))
    words = [command, str(job), "--out", str(tmp_path / "out"), "--bases", str(tmp_path / "bases")]
    suite = ["--suite", str(tmp_path / "kit" / "suite")] if command == "evaluate" else []
    assert main([*words, *suite]) == MachineError.exit_code
    assert re.search(rf"{folder.name} may use \d+ MB \(memory_mb {TOO_MUCH}", capsys.readouterr().err)
    assert not (tmp_path / "bases").exists()
    assert not (tmp_path / "out").exists()


class Idle:
    """Looks into the warm containers of an image while no trial has them."""

    def __init__(self, image: str) -> None:
        self._client = connect()
        self._image = image

    def containers(self) -> list[str]:
        return sorted(one["Id"] for one in self._client.containers(filters={"ancestor": self._image}))

    def said(self, command: str) -> Iterator[str]:
        for container in self.containers():
            made = self._client.exec_create(container, ["bash", "-c", command], user="0")["Id"]
            yield self._client.exec_start(made).decode()


@dataclass(frozen=True)
class Leaves:
    """Runs a command and leaves what it made."""

    command: str
    name: str = "leaves"

    def act(self, task: TaskPackage, sandbox: Sandbox, *, seed: int) -> AgentRun:
        result = sandbox.run(self.command, timeout_sec=10)
        return AgentRun(exit_reason="completed", log=result.output)


LEFT = "find /root /tmp /var/tmp /run /logs /oracle -xdev -mindepth 1; grep -lz '^300' /proc/[0-9]*/cmdline"
CLOSED = "mkdir -p /tmp/a/b; echo x > /tmp/a/b/c; chmod 0 /tmp/a/b /tmp/a; mkdir z; touch z/y; chmod 0 z"


@pytest.mark.parametrize(
    ("command", "verifier"),
    [
        ("head -c 32M /dev/zero > /tmp/full; sleep 300 & disown", COPY_VERIFIER),
        (CLOSED, COPY_VERIFIER),
        ("true", "head -c 32M /dev/zero > /tmp/full; sleep 300 & sleep 300"),
    ],
    ids=["agent", "closed-folders", "verifier-that-hangs"],
)
def test_an_idle_container_holds_nothing(command: str, verifier: str, tmp_path: Path) -> None:
    own = f"FROM {BASE}\nWORKDIR /root\nCOPY note /root/note\nLABEL test={tmp_path.name}\n"
    limits = replace(SMALL, verifier_timeout_sec=2)
    task = write_package(tmp_path, "leaves", verifier=verifier, dockerfile=own, limits=limits)
    with DockerEngine() as engine:
        run_trial(TrialRequest(task=task, agent=Leaves(command), isolation="warm"), engine)
        idle = Idle(str(engine.build(task)))
        before = idle.containers()
        assert len(before) == 2
        assert list(idle.said(LEFT)) == ["", ""]
        look = TrialRequest(task=task, agent=Leaves("ls /root; ls -A /tmp"), isolation="warm")
        assert run_trial(look, engine).agent_log.split() == ["note"]
        assert idle.containers() == before


def test_a_container_that_cannot_be_emptied_is_not_used_again(tmp_path: Path) -> None:
    own = f"FROM {BASE}\nWORKDIR /root\nCOPY note /root/note\nLABEL test={tmp_path.name}\nVOLUME /root/kept\n"
    task = write_package(tmp_path, "volume", dockerfile=own)
    with DockerEngine() as engine:
        trials = [
            run_trial(TrialRequest(task=task, agent=Leaves("ls kept; touch kept/it"), isolation="warm"), engine)
            for _ in range(2)
        ]
        assert [(trial.agent_log, trial.failure) for trial in trials] == [("", None)] * 2
        assert Idle(str(engine.build(task))).containers() == []


def test_who_still_waits_when_the_engine_is_left_begins_no_more(tmp_path: Path) -> None:
    task = write_package(tmp_path, "waits")
    request = TrialRequest(task=task, agent=Leaves("sleep 9"))
    with ThreadPoolExecutor(2) as pool:
        with DockerEngine(room=Room(memory_mb=needed_mb(task.limits), cpus=2)) as engine:
            engine.build(task)
            pool.submit(run_trial, request, engine)
            time.sleep(1)
            waiting = pool.submit(run_trial, request, engine)
            time.sleep(0.5)
        failure = waiting.result(8).failure
    assert failure is not None
    assert (failure.stage, failure.reason) == ("start", "interrupted")
