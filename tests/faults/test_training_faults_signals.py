"""A machine that is taken away says so by a signal: training ends in time, leaves nothing, and goes on elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import container_faults as faults
import docker
import pytest
from training_runs import END_SEC, Whole, curves, facts, lines, report, servers, until, weights

pytestmark = [pytest.mark.docker, pytest.mark.training]

BEFORE = {"sft": ["demonstrations"], "grpo": ["demonstrations", "sft"]}
MOMENTS: dict[str, Callable[[Path], object]] = {
    "sft": lambda run: lines(run / "sft" / "metrics.jsonl") >= 10,
    "grpo": lambda run: lines(run / "grpo" / "metrics.jsonl") >= 2,
}


@pytest.mark.parametrize("stage", MOMENTS)
def test_a_preempted_training_ends_in_time_and_goes_on_as_if_nothing_had_been(
    whole: Whole, client: docker.APIClient, tmp_path: Path, stage: str
) -> None:
    run = whole.begun(tmp_path / "run", *BEFORE[stage])
    with whole.started(whole.node(run)) as process:
        until(lambda: MOMENTS[stage](run), process)
        serving = servers(process)
        process.terminate()
        began = time.monotonic()
        _, said = process.communicate(timeout=END_SEC)
    assert time.monotonic() - began < END_SEC / 2
    assert (process.returncode, said.splitlines()[-1]) == (130, "arena: interrupted")
    assert report(run).state == "interrupted"
    assert len(serving) == (stage == "grpo")
    assert not any(Path(f"/proc/{server}").exists() for server in serving)
    assert faults.ours(client) == []
    again = whole.ended(whole.node(run))
    assert again.returncode == 0, again.stderr
    assert (report(run).state, report(run).starts) == ("succeeded", 2)
    assert [weights(run / name) for name in BEFORE] == [weights(whole.stage(name)) for name in BEFORE]
    assert [curves(run / name) for name in BEFORE] == [curves(whole.stage(name)) for name in BEFORE]
    assert facts(run / stage)["resumed_from_step"] >= (1 if stage == "grpo" else 0)
