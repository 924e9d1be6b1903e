"""Model servers that die or hang while trials talk to them: started again, or told as the machine's fault."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from training_runs import (
    WAIT_SEC,
    Whole,
    curves,
    facts,
    kill_server,
    lines,
    report,
    rewards,
    servers,
    stop_server,
    until,
    weights,
)

pytestmark = [pytest.mark.docker, pytest.mark.training]

FAULTS = [pytest.param(kill_server, id="dies"), pytest.param(stop_server, id="hangs")]
Fault = Callable[[subprocess.Popen[str]], None]


def kill_until_it_ends(process: subprocess.Popen[str]) -> None:
    """End every server that a command starts, until the command ends."""
    deadline = time.monotonic() + WAIT_SEC
    while process.poll() is None:
        assert time.monotonic() < deadline
        kill_server(process)
        time.sleep(0.05)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_is_lost_in_the_rollouts_changes_nothing(whole: Whole, tmp_path: Path, fault: Fault) -> None:
    run = whole.begun(tmp_path / "run", "demonstrations", "sft")
    with whole.started(whole.post_train(run)) as process:
        until(lambda: lines(run / "grpo" / "metrics.jsonl") >= 1, process)
        (first,) = servers(process)
        fault(process)
        until(lambda: servers(process) not in ([], [first]), process)
        _, said = process.communicate(timeout=WAIT_SEC)
    assert process.returncode == 0, said
    assert weights(run / "grpo") == weights(whole.stage("grpo"))
    assert curves(run / "grpo") == curves(whole.stage("grpo"))
    assert [row["failed_trials"] for row in curves(run / "grpo")] == [0, 0, 0, 0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_is_lost_in_an_evaluation_changes_nothing(whole: Whole, tmp_path: Path, fault: Fault) -> None:
    with whole.started(whole.evaluate(tmp_path, whole.stage("grpo"))) as process:
        until(lambda: lines(tmp_path / "evaluation-grpo" / "unfinished.jsonl") >= 3, process)
        fault(process)
        _, said = process.communicate(timeout=WAIT_SEC)
    assert process.returncode == 0, said
    assert rewards(tmp_path / "evaluation-grpo") == rewards(whole.stage("evaluation-grpo"))
    assert facts(tmp_path / "evaluation-grpo")["trials_before"] == 0


def test_a_server_that_never_comes_back_ends_grpo_as_the_machines_fault(whole: Whole, tmp_path: Path) -> None:
    run = whole.begun(tmp_path / "run", "demonstrations", "sft")
    with whole.started(whole.node(run)) as process:
        until(lambda: lines(run / "grpo" / "metrics.jsonl") >= 1, process)
        kill_until_it_ends(process)
        _, said = process.communicate()
    assert process.returncode == 75, said
    failure = report(run).failure
    assert failure is not None
    assert failure.owner == "infrastructure", failure
    again = whole.ended(whole.node(run))
    assert again.returncode == 0, again.stderr
    assert facts(run / "grpo")["resumed_from_step"] >= 1
    assert weights(run / "grpo") == weights(whole.stage("grpo"))


def test_a_server_that_never_comes_back_ends_an_evaluation_as_the_machines_fault(whole: Whole, tmp_path: Path) -> None:
    command = whole.evaluate(tmp_path, whole.stage("grpo"))
    folder = tmp_path / "evaluation-grpo"
    with whole.started(command) as process:
        until(lambda: lines(folder / "unfinished.jsonl") >= 3, process)
        kill_until_it_ends(process)
        _, said = process.communicate()
    assert process.returncode == 3
    assert "evaluation of grpo: the infrastructure lost" in said
    assert not (folder / "evaluation.json").exists()
    again = whole.ended(command)
    assert again.returncode == 0, again.stderr
    assert facts(folder)["trials_before"] >= 3
    assert rewards(folder) == rewards(whole.stage("evaluation-grpo"))
