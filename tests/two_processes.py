"""Training in two processes that torchrun starts, and a look at those that run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fakes import ScriptedRollout
from small_training import TASKS, Trained, small_recipe

from posttrain_arena.adapters.training.grpo import GrpoResult, GrpoRun
from posttrain_arena.adapters.training.processes import train_grpo

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
