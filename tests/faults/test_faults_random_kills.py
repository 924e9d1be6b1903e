"""Two hundred trials while containers die at random: every record is there, none is wrong, nothing is left."""

from __future__ import annotations

import random
import threading
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
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker
TRIALS = 200
CONCURRENCY = 8
SEED = 4
PAUSE_SEC = (0.1, 0.7)
LEAST_KILLS = 50
TRUE_REWARDS = {"oracle": 1.0, "noop": 0.0}


@contextmanager
def random_kills(client: docker.APIClient, seed: int) -> Iterator[Counter[str]]:
    """Kill one of the arena's containers after another, each after a random pause; yield how many by which means."""
    rng, over, killed = random.Random(seed), threading.Event(), Counter[str]()

    def run() -> None:
        while not over.wait(rng.uniform(*PAUSE_SEC)):
            containers = faults.ours(client)
            fault = rng.choice([faults.kill, faults.kill, faults.remove])
            if containers:
                with suppress(APIError):  # it has ended meanwhile
                    fault(client, rng.choice(sorted(containers)))
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
