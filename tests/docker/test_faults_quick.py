"""The faults that the machine's own engine can bear: containers are killed, images removed, runs killed.

What hurts an engine itself is in ``tests/faults``, which has one of its own (``make test-faults``).
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import container_faults as faults
import docker
import pytest
from trial_packages import BASE, COPY_ORACLE, COPY_VERIFIER, write_package

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL, owner_mark, sweep
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.errors import EngineError
from posttrain_arena.model.trial import Stage

pytestmark = pytest.mark.docker
HOLD = """
import sys
from pathlib import Path
from trial_packages import write_package
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
with DockerEngine() as engine:
    run_trial(TrialRequest(task=write_package(Path(sys.argv[1]), "held", oracle=sys.argv[2]), agent=Oracle()), engine)
"""


@pytest.fixture(scope="module")
def client() -> docker.APIClient:
    return connect()


@pytest.mark.parametrize("stage", ["agent", "verifier"])
def test_a_container_killed_from_outside_costs_a_trial_that_is_tried_again(
    engine: DockerEngine, client: docker.APIClient, tmp_path: Path, stage: Stage
) -> None:
    waits = f"sleep 3.{secrets.randbelow(10**6):06}"
    parts = {
        "agent": {"oracle": f"{COPY_ORACLE}{waits}\n"},
        "verifier": {"verifier": f"{waits}\n{COPY_VERIFIER}"},
    }
    request = TrialRequest(task=write_package(tmp_path, stage, **parts[stage]), agent=Oracle())
    with faults.meanwhile(client, waits, client.kill):
        trial = run_trial(request, engine)
    assert trial.failure is not None
    assert (trial.failure.owner, trial.failure.stage, trial.reward) == ("infrastructure", stage, None)
    with faults.meanwhile(client, waits, client.kill):
        (trial,) = run_trials([request], engine, concurrency=1)
    assert (trial.reward, trial.failure) == (1.0, None)


def test_a_verifier_s_container_killed_before_its_first_command_is_not_waited_for(
    engine: DockerEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    own = f"FROM {BASE}\nCOPY note note\nLABEL test={secrets.token_hex(8)}\n"
    task = write_package(tmp_path, "killed", dockerfile=own)
    image = engine.build(task)
    assert isinstance(image, str)
    with engine.open(task, image, isolation="fresh") as sandbox:
        workspace = sandbox.capture()
    with engine.verifier(task, image, isolation="fresh") as verifier:
        deadline = time.monotonic() + 60
        while not (started := client.containers(filters={"ancestor": image})):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        client.kill(started[0]["Id"])
        began = time.monotonic()
        with pytest.raises(EngineError):
            verifier.score(workspace)
    assert time.monotonic() - began < 60  # a stream that nobody ends is left after twice that


def test_an_image_removed_after_its_build_is_built_again(
    engine: DockerEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    own = f"FROM {BASE}\nWORKDIR /root\nCOPY note note\nLABEL test={secrets.token_hex(8)}\n"
    request = TrialRequest(task=write_package(tmp_path, "removed", dockerfile=own), agent=Oracle())
    client.remove_image(engine.build(request.task), force=True)
    failure = run_trial(request, engine).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("infrastructure", "image-gone")
    assert run_trial(request, engine).passed


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing_for_long(
    client: docker.APIClient, tmp_path: Path, sent: signal.Signals
) -> None:
    waits = f"sleep 300.{secrets.randbelow(10**6):06}"
    tests = os.fspath(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path, f"{waits}\n"], env=os.environ | {"PYTHONPATH": tests}
    )
    with faults.meanwhile(client, waits, lambda _: process.send_signal(sent)):
        process.wait(timeout=60)
    mine = [
        one["Id"]
        for one in client.containers(all=True, filters={"label": OWNER_LABEL})
        if one["Labels"][OWNER_LABEL].endswith(f":{process.pid}")
    ]
    assert bool(mine) == (sent == signal.SIGKILL)
    sweep(client)
    assert not [one for one in mine if client.containers(all=True, filters={"id": one})]


def test_a_process_that_has_a_dead_one_s_id_does_not_keep_what_it_left(
    engine: DockerEngine, client: docker.APIClient
) -> None:
    boot, name_space, began, pid = owner_mark().split(":")
    marks = {
        "dead": f"{boot}:{name_space}:{int(began) - 1}:{pid}",
        "living": owner_mark(),
        "unseen": f"{boot}:1{name_space}:{began}:{pid}",
    }
    made = {name: client.create_container(BASE, labels={OWNER_LABEL: mark})["Id"] for name, mark in marks.items()}
    try:
        sweep(client)
        left = [name for name, one in made.items() if client.containers(all=True, filters={"id": one})]
    finally:
        for name in ("living", "unseen"):
            client.remove_container(made[name], force=True)
    assert left == ["living", "unseen"]
