"""An engine that cannot be reached, goes away in the middle or has no room costs trials, and says so itself."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import container_faults as faults
import docker
import pytest
from private_engine import PrivateEngine
from test_faults_containers import AGENT_WAITS, VERIFIER_WAITS
from trial_packages import BASE, COPY_ORACLE, COPY_VERIFIER, SMALL, write_package

from posttrain_arena.adapters.docker_engine.connection import RESTART_SEC
from posttrain_arena.adapters.docker_engine.containers import GVISOR
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Noop, Oracle
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.errors import EngineError
from posttrain_arena.model.trial import Isolation, Stage

pytestmark = pytest.mark.docker
DISK_MB = 640
"""The base image takes 300 of them."""


def test_an_engine_that_is_not_there_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(EngineError, match="no Docker engine answers"):
        DockerEngine()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["restarted", "killed"])
@pytest.mark.parametrize("isolation", ["fresh", "warm"])
@pytest.mark.parametrize(("stage", "moment"), [("agent", AGENT_WAITS), ("verifier", VERIFIER_WAITS)])
def test_a_trial_outlives_the_engine(
    private: PrivateEngine,
    engine: DockerEngine,
    client: docker.APIClient,
    tmp_path: Path,
    stage: Stage,
    moment: str,
    isolation: Isolation,
    how: signal.Signals,
) -> None:
    task = write_package(
        tmp_path, "slow", oracle=f"{COPY_ORACLE}{AGENT_WAITS}\n", verifier=f"{VERIFIER_WAITS}\n{COPY_VERIFIER}"
    )
    request = TrialRequest(task=task, agent=Oracle(), isolation=isolation)

    def restart(_: str) -> None:
        private.end_dockerd(how)
        private.start()

    with faults.meanwhile(client, moment, restart):
        trial = run_trial(request, engine)
    if trial.failure is None:  # an engine that is told to end gives a verifier the seconds that it needs
        assert (how, stage, trial.reward) == (signal.SIGTERM, "verifier", 1.0)
    else:
        assert (trial.failure.owner, trial.failure.stage, trial.reward) == ("infrastructure", stage, None)
    assert run_trial(request, engine).passed


def test_a_restart_is_waited_for_and_the_trial_tried_again(
    private: PrivateEngine, engine: DockerEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    task = write_package(tmp_path, "slow", oracle=f"{COPY_ORACLE}{AGENT_WAITS}\n")

    def restart(_: str) -> None:
        private.end_dockerd(signal.SIGKILL)
        subprocess.run(["sleep", "3"], check=True)
        private.start()

    with faults.meanwhile(client, AGENT_WAITS, restart):
        (trial,) = run_trials([TrialRequest(task=task, agent=Oracle())], engine, concurrency=1)
    assert (trial.reward, trial.failure) == (1.0, None)


def test_an_engine_that_stays_away_costs_every_trial_and_the_wait_once(
    private: PrivateEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    task = write_package(tmp_path, "away")
    requests = [TrialRequest(task=task, agent=Noop(), attempt=attempt) for attempt in range(20)]
    with DockerEngine(private.client()) as engine:
        assert run_trial(requests[0], engine).reward == 0.0
        engine.release()
        private.end_dockerd()
        began = time.monotonic()
        try:
            trials = run_trials(requests, engine, concurrency=4)
        finally:
            private.start()
        assert time.monotonic() - began < 2 * RESTART_SEC
    assert [trial.attempt for trial in trials] == list(range(20))
    told = {(trial.failure.owner, trial.failure.stage, trial.failure.reason) for trial in trials if trial.failure}
    assert told == {("infrastructure", "start", "engine-away")}
    assert {trial.reward for trial in trials} == {None}


@pytest.fixture(scope="module")
def guarded(saved_base: Path) -> Iterator[PrivateEngine]:
    """An engine that offers gVisor: by name alone, so that the choice is tested and not the kernel behind it."""
    engine = PrivateEngine("--add-runtime", f"{GVISOR}={shutil.which('runc')}")
    try:
        engine.start()
        engine.load(saved_base)
        yield engine
    finally:
        engine.stop()


def test_gvisor_is_used_where_the_engine_offers_it(guarded: PrivateEngine, tmp_path: Path) -> None:
    task = write_package(tmp_path, "guarded")
    with DockerEngine(guarded.client()) as engine:
        image = engine.build(task)
        assert isinstance(image, str)
        with (
            engine.open(task, image, isolation="fresh") as sandbox,
            engine.verifier(task, image, isolation="fresh") as verifier,
        ):
            assert verifier.score(sandbox.capture()).exit_code == 0
            client = guarded.client()
            used = [client.inspect_container(one["Id"])["HostConfig"]["Runtime"] for one in client.containers(all=True)]
    assert used == [GVISOR, GVISOR]


@pytest.fixture(scope="module")
def crowded(saved_base: Path) -> Iterator[PrivateEngine]:
    """An engine whose disk is a file system of its own with little room."""
    engine = PrivateEngine()
    disk = engine.folder / "disk"
    try:
        with disk.open("wb") as file:
            file.truncate(DISK_MB << 20)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(disk)], check=True)
        engine.data.mkdir()
        subprocess.run(["mount", "-o", "loop", str(disk), str(engine.data)], check=True)
        engine.start()
        engine.load(saved_base)
        yield engine
    finally:
        engine.stop()


def test_a_full_disk_is_the_machine_s_fault(crowded: PrivateEngine, tmp_path: Path) -> None:
    fill = "head -c 2000000000 /dev/zero > /var/tmp/fill"
    roomy = replace(SMALL, storage_mb=4096)
    tasks: dict[str, tuple[dict[str, str], Stage]] = {
        "agent": ({"oracle": f"set -e\n{fill}\n{COPY_ORACLE}"}, "agent"),
        "agent-does-not-mind": ({"oracle": f"{fill} 2> /dev/null\n{COPY_ORACLE}"}, "agent"),
        "verifier": ({"verifier": f"set -e\n{fill}\n{COPY_VERIFIER}"}, "verifier"),
        "verifier-does-not-mind": ({"verifier": f"{fill}\n{COPY_VERIFIER}"}, "verifier"),
        "build": ({"dockerfile": f"FROM {BASE}\nRUN {fill}\n"}, "build"),
    }
    with DockerEngine(crowded.client()) as engine:
        for name, (parts, stage) in tasks.items():
            task = write_package(tmp_path, name, limits=roomy, **parts)
            trial = run_trial(TrialRequest(task=task, agent=Oracle()), engine)
            assert trial.failure is not None, name
            assert (trial.failure.owner, trial.failure.stage) == ("infrastructure", stage), (name, trial.failure)
            assert trial.failure.reason == "disk-full", (name, trial.failure)
            engine.release()
        assert run_trial(TrialRequest(task=write_package(tmp_path, "small"), agent=Oracle()), engine).passed
    assert faults.left_on(crowded.client()) == []
