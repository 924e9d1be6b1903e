"""Training in two processes that are killed, interrupted or told that the actor broke: none is left, and it goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from fakes import ScriptedRollout
from small_training import Trained
from two_processes import PARTED, processes_of, run_two

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.errors import ModelServerError, TrainingError

pytestmark = pytest.mark.training


def test_what_the_actor_raises_ends_the_training_and_is_raised(trained: Trained, tmp_path: Path) -> None:
    def fail(policy: int) -> None:
        if policy == 1:
            raise ModelServerError("the server is gone", reason="model-unreachable")

    with pytest.raises(ModelServerError, match="the server is gone") as caught:
        run_two(trained, tmp_path / "grpo", ScriptedRollout(before_step=fail))
    assert caught.value.reason == "model-unreachable"
    assert processes_of(tmp_path / "grpo") == []


def test_a_process_that_is_killed_is_no_fault_of_the_entry_and_the_run_goes_on_later(
    trained: Trained, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "grpo"

    def kill(step: int) -> None:
        if step == 2:
            os.kill(processes_of(out)[-1], signal.SIGKILL)

    with pytest.raises(TrainingError, match="without a word") as caught:
        run_two(trained, out, ScriptedRollout(), kill)
    assert caught.value.owner == "infrastructure"
    assert processes_of(out) == []
    result = run_two(trained, out, ScriptedRollout())
    assert result.resumed_from_step in (1, 2)
    assert weight_change(alone / "adapter", result.adapter) < 1e-4


def test_processes_that_share_the_weights_train_as_one_and_go_on_after_a_kill(
    trained: Trained, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "grpo"

    def kill(step: int) -> None:
        if step == 3:
            os.kill(processes_of(out)[-1], signal.SIGKILL)

    with pytest.raises(TrainingError, match="without a word"):
        run_two(trained, out, ScriptedRollout(), kill, sharding="fsdp")
    result = run_two(trained, out, ScriptedRollout(), sharding="fsdp")
    assert result.resumed_from_step in (2, 3)
    assert (out / "trainer" / "checkpoint-4" / PARTED).is_file()
    assert weight_change(alone / "adapter", result.adapter) < 1e-4
    assert names(result.adapter) == names(alone / "adapter")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_interrupted_run_leaves_no_process(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_two(trained, tmp_path / "grpo", ScriptedRollout(), lambda step: os.kill(os.getpid(), signal.SIGINT))
    assert processes_of(tmp_path / "grpo") == []
