"""What was used stands beside what is declared, and comes near it only with a warning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from posttrain_arena.core.trial.peaks import peaks_of, tight
from posttrain_arena.model.task import Limits, TaskPackage
from posttrain_arena.model.trial import Timings, Trial, Usage

LIMITS = Limits(agent_timeout_sec=10, verifier_timeout_sec=20, memory_mb=100, storage_mb=50, cpus=2)
PACKAGE = TaskPackage(
    name="count-lines",
    path=Path("count-lines"),
    digest="sha256:0",
    prompt="Count.",
    category="sciences",
    difficulty="easy",
    tags=(),
    limits=LIMITS,
    pass_threshold=1.0,
)
TRIAL = Trial(
    task="count-lines",
    task_digest="sha256:0",
    agent="oracle",
    attempt=0,
    seed=0,
    isolation="fresh",
    image=None,
    reward=1.0,
    passed=True,
    exit_reason="completed",
    failure=None,
    timings=Timings(agent_sec=4.0, verify_sec=3.0),
    agent_usage=Usage(memory_mb=30.0, cpu_sec=6.0, disk_mb=1.0),
    verifier_usage=Usage(memory_mb=99.0, cpu_sec=1.0, disk_mb=41.0),
)


def test_the_most_of_all_trials_counts() -> None:
    second = replace(TRIAL, timings=Timings(agent_sec=8.5, verify_sec=1.0), agent_usage=Usage())
    peaks = {peak.resource: (peak.used, peak.limit) for peak in peaks_of(PACKAGE, [TRIAL, second], build_sec=2.5)}
    assert peaks == {
        "build time": (2.5, LIMITS.build_timeout_sec),
        "agent time": (8.5, 10),
        "verifier time": (3.0, 20),
        "cores": (1.5, 2),
        "memory": (99.0, 100),
        "disk": (41.0, 50),
    }


def test_an_image_that_was_there_has_no_time_of_building() -> None:
    assert "build time" not in {peak.resource for peak in peaks_of(PACKAGE, [TRIAL], build_sec=0.01)}


@pytest.mark.parametrize(
    ("trial", "settings"),
    [
        (TRIAL, ["environment.storage_mb"]),
        (
            replace(TRIAL, timings=Timings(agent_sec=8.1, verify_sec=16.0)),
            ["agent.timeout_sec", "environment.storage_mb"],
        ),
        (
            replace(TRIAL, timings=Timings(agent_sec=8.0, verify_sec=16.1), verifier_usage=Usage()),
            ["verifier.timeout_sec"],
        ),
        (replace(TRIAL, verifier_usage=Usage(memory_mb=99.9)), []),
    ],
)
def test_what_comes_near_its_limit_is_told(trial: Trial, settings: list[str]) -> None:
    assert [setting for _, setting in tight(peaks_of(PACKAGE, [trial], build_sec=0.0))] == settings
