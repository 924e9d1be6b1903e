"""A container that is ended from outside costs a trial, and is nobody's fault but the machine's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import container_faults as faults
import docker
import pytest
from private_engine import PrivateEngine
from trial_packages import BASE, COPY_ORACLE, COPY_VERIFIER, SMALL, write_package

from posttrain_arena.adapters.docker_engine.egress import Uplink
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Noop, Oracle
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Isolation, Stage

pytestmark = pytest.mark.docker
AGENT_WAITS = "sleep 4.25"
VERIFIER_WAITS = "sleep 4.75"
MOMENTS: dict[Stage, str] = {"agent": AGENT_WAITS, "verifier": VERIFIER_WAITS}
FAULTS = [faults.kill, faults.remove, faults.kill_process]


@pytest.fixture
def slow(tmp_path: Path) -> TaskPackage:
    return write_package(
        tmp_path, "slow", oracle=f"{COPY_ORACLE}{AGENT_WAITS}\n", verifier=f"{VERIFIER_WAITS}\n{COPY_VERIFIER}"
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("isolation", ["fresh", "warm"])
@pytest.mark.parametrize("stage", MOMENTS)
def test_a_container_ended_from_outside_is_the_machine_s_fault(
    engine: DockerEngine,
    client: docker.APIClient,
    slow: TaskPackage,
    stage: Stage,
    isolation: Isolation,
    fault: faults.Fault,
) -> None:
    with faults.meanwhile(client, MOMENTS[stage], lambda container: fault(client, container)):
        trial = run_trial(TrialRequest(task=slow, agent=Oracle(), isolation=isolation), engine)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.stage) == ("infrastructure", stage)
    assert (trial.reward, trial.passed) == (None, False)


def test_a_paused_container_is_the_machine_s_fault(
    engine: DockerEngine, client: docker.APIClient, slow: TaskPackage
) -> None:
    hasty = replace(slow, limits=replace(SMALL, agent_timeout_sec=2))
    with faults.meanwhile(client, AGENT_WAITS, lambda container: faults.pause(client, container)):
        failure = run_trial(TrialRequest(task=hasty, agent=Oracle()), engine).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("infrastructure", "container-lost")


def test_a_lost_trial_is_tried_again(engine: DockerEngine, client: docker.APIClient, slow: TaskPackage) -> None:
    with faults.meanwhile(client, VERIFIER_WAITS, lambda container: faults.kill(client, container)):
        (trial,) = run_trials([TrialRequest(task=slow, agent=Oracle())], engine, concurrency=1)
    assert (trial.reward, trial.failure) == (1.0, None)


def test_a_container_killed_while_its_workspace_is_copied_changes_nothing(
    engine: DockerEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    oracle = f"{COPY_ORACLE}head -c 40000000 /dev/urandom > big\n"
    task = write_package(tmp_path, "big", oracle=oracle)
    image = engine.build(task)
    assert isinstance(image, str)
    with engine.open(task, image, isolation="fresh") as sandbox:
        Oracle().act(task, sandbox, seed=0)
        (container,) = faults.ours(client)
        client.kill(container)
        with engine.verifier(task, image, isolation="fresh") as verifier:
            assert verifier.score(sandbox.capture()).files["reward.txt"] == b"1.0\n"


def test_a_verifier_that_ends_everything_is_its_author_s_fault(engine: DockerEngine, tmp_path: Path) -> None:
    for name, act in {"all": "kill -9 -1", "first": "kill -9 1; kill -9 $$", "terms": "kill -TERM 1; exit 3"}.items():
        task = write_package(tmp_path, name, verifier=f"{act}\n")
        failure = run_trial(TrialRequest(task=task, agent=Noop()), engine).failure
        assert failure is not None
        assert (failure.owner, failure.reason) == ("author", "verifier-crashed")


def test_an_oracle_that_ends_its_shell_is_its_author_s_fault(engine: DockerEngine, tmp_path: Path) -> None:
    task = write_package(tmp_path, "ends", oracle="kill -9 -1\n")
    failure = run_trial(TrialRequest(task=task, agent=Oracle()), engine).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("author", "oracle-failed")


def test_too_much_memory_is_the_author_s_fault(engine: DockerEngine, tmp_path: Path) -> None:
    hungry = "python3 -c 'x = bytearray(1 << 30)'\n"
    limits = replace(SMALL, memory_mb=64)
    for name, parts in {"agent": {"oracle": hungry}, "verifier": {"verifier": f"set -e\n{hungry}"}}.items():
        task = write_package(tmp_path, name, limits=limits, **parts)
        failure = run_trial(TrialRequest(task=task, agent=Oracle()), engine).failure
        assert failure is not None
        assert (failure.owner, failure.stage) == ("author", name)


def test_an_image_removed_after_its_build_is_built_again(
    engine: DockerEngine, client: docker.APIClient, slow: TaskPackage
) -> None:
    quick = replace(slow, path=write_package(slow.path.parent, "quick").path)
    image = engine.build(quick)
    client.remove_image(image, force=True)
    request = TrialRequest(task=quick, agent=Oracle())
    failure = run_trial(request, engine).failure
    assert failure is not None
    assert (failure.owner, failure.stage, failure.reason) == ("infrastructure", "start", "image-gone")
    assert run_trial(request, engine).passed
    engine.release()
    client.remove_image(engine.build(quick), force=True)
    assert [trial.reward for trial in run_trials([request], engine, concurrency=1)] == [1.0]


def test_a_missing_base_image_is_the_machine_s_fault(
    engine: DockerEngine, client: docker.APIClient, tmp_path: Path, saved_base: Path, private: PrivateEngine
) -> None:
    task = write_package(tmp_path, "baseless", dockerfile=f"FROM {BASE}\nLABEL test=baseless\n")
    client.remove_image(BASE, force=True)
    try:
        failure = run_trial(TrialRequest(task=task, agent=Noop()), engine).failure
    finally:
        private.load(saved_base)
    assert failure is not None
    assert (failure.owner, failure.stage, failure.reason) == ("infrastructure", "build", "base-missing")


def test_a_build_ended_from_outside_is_the_machine_s_fault(
    engine: DockerEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    task = write_package(tmp_path, "slow-build", dockerfile=f"FROM {BASE}\nRUN sleep 20.25\n")

    def find() -> str:
        return next((one["Id"] for one in client.containers() if "sleep 20.25" in one["Command"]), "")

    with faults.as_soon_as(find, client.kill):
        failure = run_trial(TrialRequest(task=task, agent=Noop()), engine).failure
    assert failure is not None
    assert (failure.owner, failure.stage, failure.reason) == ("infrastructure", "build", "build-killed")


def test_a_silent_build_ends_at_its_limit(engine: DockerEngine, tmp_path: Path) -> None:
    limits = replace(SMALL, build_timeout_sec=2)
    task = write_package(tmp_path, "silent-build", dockerfile=f"FROM {BASE}\nRUN sleep 60.25\n", limits=limits)
    failure = run_trial(TrialRequest(task=task, agent=Noop()), engine).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("author", "build-timeout")


def test_a_proxy_that_is_killed_is_the_machine_s_fault(
    private: PrivateEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    uplink = client.create_network("uplink", driver="bridge")["Id"]
    limits = replace(SMALL, network="allowlist", allowed_hosts=("example.org",))
    task = write_package(tmp_path, "listed", oracle=f"{COPY_ORACLE}{AGENT_WAITS}\n", limits=limits)

    def kill_proxy(container: str) -> None:
        (proxy,) = (one for one in faults.ours(client) if one != container)
        client.kill(proxy)

    try:
        with (
            DockerEngine(private.client(), uplink=Uplink(network="uplink")) as engine,
            faults.meanwhile(client, AGENT_WAITS, kill_proxy),
        ):
            failure = run_trial(TrialRequest(task=task, agent=Oracle()), engine).failure
    finally:
        client.remove_network(uplink)
    assert failure is not None
    assert (failure.owner, failure.stage, failure.reason) == ("infrastructure", "agent", "container-lost")


def test_volumes_of_an_image_go_with_their_containers(engine: DockerEngine, tmp_path: Path) -> None:
    task = write_package(tmp_path, "volume", dockerfile=f"FROM {BASE}\nWORKDIR /root\nCOPY note note\nVOLUME /srv\n")
    for isolation in ("fresh", "warm"):
        assert run_trial(TrialRequest(task=task, agent=Oracle(), isolation=isolation), engine).passed
