"""Training in two processes that torchrun starts: as one would train, with one actor."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import ScriptedRollout
from small_training import Trained, small_recipe
from two_processes import PARTED, processes_of, run_two

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.adapters.training.processes import train_sft
from posttrain_arena.adapters.training.sft import SftRun
from posttrain_arena.core.training.metrics import read_metrics

pytestmark = pytest.mark.training


def test_two_processes_train_as_one_and_ask_one_actor(trained: Trained, alone: Path, tmp_path: Path) -> None:
    rollout, heard = ScriptedRollout(), list[int]()
    result = run_two(trained, tmp_path / "grpo", rollout, heard.append)
    assert (result.steps, result.resumed_from_step, result.micro_batch) == (4, 0, 4)
    assert len(rollout.versions) == 32
    assert heard == [row["step"] for row in read_metrics(tmp_path / "grpo" / "metrics.jsonl")] == [1, 2, 3, 4]
    assert weight_change(alone / "adapter", result.adapter) < 1e-4
    assert processes_of(tmp_path / "grpo") == []


def test_sft_in_processes_that_share_the_weights_keeps_what_one_would(trained: Trained, tmp_path: Path) -> None:
    measured = {"steps": 2, "batch_size": 2, "validation_share": 0.34, "evaluate_every": 1, "select": "validation"}
    heard = list[int]()
    results = {}
    for processes, sharding in ((1, "none"), (2, "fsdp")):
        recipe = small_recipe(sft=measured, trainer={"processes": processes, "sharding": sharding, "micro_batch": 1})
        run = SftRun(base=trained.base, demonstrations=trained.demonstrations, recipe=recipe, seed=0)
        results[sharding] = train_sft(
            run,
            out=tmp_path / sharding,
            on_step=lambda row: heard.append(int(row["step"])),
            log=tmp_path / "trainer.log",
        )
    one, two = results["none"], results["fsdp"]
    assert heard == [1, 2, 1, 2]
    assert (two.step, two.sequences, two.micro_batch) == (one.step, one.sequences, one.micro_batch)
    assert two.validation_loss == pytest.approx(one.validation_loss, abs=1e-5)
    assert weight_change(one.adapter, two.adapter) < 1e-4
    assert [(tmp_path / sharding / "trainer" / "checkpoint-2" / PARTED).exists() for sharding in results] == [
        False,
        True,
    ]
