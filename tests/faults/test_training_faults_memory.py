"""Memory that ends while weights are updated: fewer sequences at once, told in the result; none at all is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from training_runs import Whole, Words, curves, facts, report

pytestmark = [pytest.mark.docker, pytest.mark.training]
SCRIPT = Path(__file__).with_name("short_of_memory.py")
BEFORE = {"sft": ["demonstrations"], "grpo": ["demonstrations", "sft"]}


def short_of_memory(command: Words, sequences: int) -> Words:
    return [sys.executable, SCRIPT, str(sequences), *command[1:]]


def test_training_goes_on_with_as_many_sequences_as_fit_and_says_how_many(whole: Whole, tmp_path: Path) -> None:
    run = whole.begun(tmp_path / "run", "demonstrations")
    result = whole.ended(short_of_memory(whole.node(run), 5))
    assert result.returncode == 0, result.stderr
    assert [facts(run / stage)["micro_batch"] for stage in ("sft", "grpo")] == [4, 4]
    assert [facts(whole.stage(stage))["micro_batch"] for stage in ("sft", "grpo")] == [16, 16]
    assert {row["micro_batch"] for row in curves(run / "grpo")} == {4}
    losses = [[row["loss"] for row in curves(stage)] for stage in (run / "sft", whole.stage("sft"))]
    assert losses[0] == pytest.approx(losses[1], rel=0.02, abs=1e-3), "the same batches, cut otherwise"


@pytest.mark.parametrize("stage", BEFORE)
def test_a_device_that_holds_no_sequence_is_told(whole: Whole, tmp_path: Path, stage: str) -> None:
    run = whole.begun(tmp_path / "run", *BEFORE[stage])
    result = whole.ended(short_of_memory(whole.node(run), 0))
    assert result.returncode == 3
    failure = report(run).failure
    assert failure is not None
    assert (failure.owner, failure.reason) == ("us", "training")
    assert "the device's memory does not hold 1 sequence: " in failure.detail
    assert not (run / stage / "manifest.json").exists()
