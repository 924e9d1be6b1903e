"""Two hundred trials while containers die at random: every record is there, none is wrong, none waits for the dead."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import container_faults as faults
import docker
import pytest
from docker.errors import APIError
from trial_packages import COPY_ORACLE, write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.agents import Noop, Oracle, StepwiseOracle
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker
TRIALS = 200
CONCURRENCY = 8
SEED = 4
KILLS_PER_START = 0.3  # not per second: how many there are does not depend on the machine's speed
LEAST_KILLS = 50
LONGEST_TRY_SEC = 60  # agent and verifier have 20 s each: what takes longer waits for a container that died
TRUE_REWARDS = {"oracle": 1.0, "noop": 0.0}


@contextmanager
def random_kills(client: docker.APIClient, seed: int) -> Iterator[Counter[str]]:
    """At three starts of the arena's containers in ten, kill a random one that runs; yield how many by which means."""
    rng, over, killed, seen = random.Random(seed), threading.Event(), Counter[str](), set[str]()

    def run() -> None:
        while not over.wait(0.02):
            containers = sorted(faults.ours(client))
            started = [one for one in containers if one not in seen]
            seen.update(started)
            for _ in range(sum(rng.random() < KILLS_PER_START for _ in started)):
                fault = rng.choice([faults.kill, faults.kill, faults.remove])
                with suppress(APIError):  # it has ended meanwhile
                    fault(client, rng.choice(containers))
                    killed[fault.__name__] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


@pytest.fixture
def requests(tmp_path: Path) -> list[TrialRequest]:
    tasks = [write_package(tmp_path, f"copy-{name}", oracle=f"{COPY_ORACLE}sleep 0.{name}\n") for name in (1, 2, 3)]
    agents = [Oracle(), Noop(), StepwiseOracle(), Noop()]
    return [
        TrialRequest(
            task=tasks[number % len(tasks)],
            agent=agents[number % len(agents)],
            attempt=number,
            isolation="warm" if number % 5 == 0 else "fresh",
        )
        for number in range(TRIALS)
    ]


@pytest.fixture
def tries(engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall seconds of each try of a trial so far."""
    seconds: list[float] = []
    room = engine.room

    @contextmanager
    def timed(task: TaskPackage) -> Iterator[None]:
        began = time.monotonic()
        try:
            with room(task):
                yield
        finally:
            seconds.append(time.monotonic() - began)

    monkeypatch.setattr(engine, "room", timed)
    return seconds


def once(requests: Sequence[TrialRequest], engine: DockerEngine) -> list[Trial]:
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return list(pool.map(lambda request: run_trial(request, engine), requests))


def with_retries(requests: Sequence[TrialRequest], engine: DockerEngine) -> list[Trial]:
    return run_trials(requests, engine, concurrency=CONCURRENCY)


@pytest.mark.parametrize(("run", "most_lost"), [(once, TRIALS), (with_retries, TRIALS // 20)])
def test_every_record_is_there_and_none_is_wrong(
    engine: DockerEngine,
    client: docker.APIClient,
    requests: list[TrialRequest],
    tries: list[float],
    record_property: Callable[[str, object], None],
    run: Callable[[Sequence[TrialRequest], DockerEngine], list[Trial]],
    most_lost: int,
) -> None:
    with random_kills(client, SEED) as killed:
        trials = run(requests, engine)
    lost = [trial.failure for trial in trials if trial.failure is not None]
    told = f"{TRIALS} trials {run.__name__}: {killed.total()} containers killed, {len(lost)} trials lost, 0 wrong"
    record_property("figure", told)
    assert [(trial.attempt, trial.agent) for trial in trials] == [(one.attempt, one.agent.name) for one in requests]
    assert [one for one in trials if one.failure is None and one.reward != TRUE_REWARDS[one.agent]] == []
    assert [one for one in trials if one.passed != (one.failure is None and one.agent == "oracle")] == []
    assert [one for one in trials if one.failure is not None and one.reward is not None] == []
    assert {failure.owner for failure in lost} <= {"infrastructure"}
    assert killed.total() >= LEAST_KILLS
    assert len(lost) <= min(killed.total(), most_lost)
    assert len(tries) == sum(1 + len(trial.retries) for trial in trials)
    assert max(tries) < LONGEST_TRY_SEC
