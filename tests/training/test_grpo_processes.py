"""Training in two processes that torchrun starts: as one would train, with one actor, and with an end that is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import ScriptedRollout
from small_training import TASKS, Trained, run_small_grpo, small_recipe

from posttrain_arena.adapters.training.grpo import GrpoResult, GrpoRun
from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.adapters.training.processes import train_grpo, train_sft
from posttrain_arena.adapters.training.sft import SftRun
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.errors import ModelServerError, TrainingError

pytestmark = pytest.mark.training


PARTED = "pytorch_model_fsdp.bin"
"""What a checkpoint of parted weights has beside the files of every other one."""


def run_two(
    trained: Trained,
    out: Path,
    rollout: ScriptedRollout,
    on_step: Callable[[int], None] = lambda step: None,
    **trainer: object,
) -> GrpoResult:
    run = GrpoRun(
        base=trained.base,
        adapter=trained.sft / "adapter",
        tasks=TASKS,
        actor=rollout,
        recipe=small_recipe(trainer={"processes": 2, **trainer}),
        seed=3,
    )
    return train_grpo(run, out=out, on_step=lambda row: on_step(int(row["step"])), log=out.parent / "trainer.log")


def processes_of(out: Path) -> list[int]:
    """Return the processes that hold the log of a training: torchrun and those that it started."""
    log = (out.parent / "trainer.log").resolve()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "fd" / "1").resolve() == log:
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(found)


@pytest.fixture(scope="module")
def alone(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process trains."""
    out = tmp_path_factory.mktemp("alone") / "grpo"
    run_small_grpo(trained, out, ScriptedRollout(), recipe=None)
    return out


def test_two_processes_train_as_one_and_ask_one_actor(trained: Trained, alone: Path, tmp_path: Path) -> None:
    rollout, heard = ScriptedRollout(), list[int]()
    result = run_two(trained, tmp_path / "grpo", rollout, heard.append)
    assert (result.steps, result.resumed_from_step, result.micro_batch) == (4, 0, 4)
    assert len(rollout.versions) == 32
    assert heard == [row["step"] for row in read_metrics(tmp_path / "grpo" / "metrics.jsonl")] == [1, 2, 3, 4]
    assert weight_change(alone / "adapter", result.adapter) < 1e-4
    assert processes_of(tmp_path / "grpo") == []


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


def test_an_interrupted_run_leaves_no_process(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_two(trained, tmp_path / "grpo", ScriptedRollout(), lambda step: os.kill(os.getpid(), signal.SIGINT))
    assert processes_of(tmp_path / "grpo") == []
