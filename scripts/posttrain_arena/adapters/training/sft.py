"""Supervised fine-tuning on verified demonstrations."""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState
from datasets import Dataset
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer

from posttrain_arena.adapters.training.checkpoints import SealCallback, last_whole_checkpoint
from posttrain_arena.adapters.training.memory import fitting
from posttrain_arena.adapters.training.metrics import StepCallback
from posttrain_arena.adapters.training.policy import (
    adapter_of,
    batching,
    load_policy,
    load_tokenizer,
    training_arguments,
    without_console,
)
from posttrain_arena.adapters.training.sharding import settled
from posttrain_arena.core.training.metrics import MetricsFile, read_metrics
from posttrain_arena.core.training.sequences import TokenSequence, fitted
from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.seeds import derive_seed

IGNORED = -100
"""The label of a token without loss, as PyTorch's cross entropy and TRL have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SftRun:
    """What an SFT stage starts from; ``demonstrations`` by task. ``trackers`` are names for ``report_to``."""

    base: Path
    demonstrations: Mapping[str, Sequence[TokenSequence]]
    recipe: Recipe
    seed: int
    trackers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SftResult:
    """The adapter, the step it is from, and what the length limit cost. No loss where nothing was kept out.

    ``micro_batch`` is how many sequences fitted into memory at once.
    """

    adapter: Path
    step: int
    validation_loss: float | None
    sequences: int
    cut: int
    cut_tokens: int
    dropped: int
    resumed_from_step: int
    micro_batch: int


OnStep = Callable[[dict[str, float | int]], None]


def run_sft(run: SftRun, *, out: Path, on_step: OnStep = lambda row: None) -> SftResult:
    """Train a new adapter on what the assistant wrote in the demonstrations.

    Writes ``out/adapter`` and ``out/metrics.jsonl``, and until it is done checkpoints below ``out/trainer`` where the
    recipe measures. Called again after a kill it goes on from the last of them, or begins anew. Where the memory of a
    single device does not hold a batch it goes on with fewer sequences at once. Raises TrainingError without
    demonstrations or with a loss that is not finite.
    """
    settings = run.recipe.sft
    taught, kept_out = _split(run)
    lengths = fitted(taught, settings.max_length)
    if not lengths.sequences:
        told = "no demonstration passed its verifier, so there is nothing to imitate"
        raise TrainingError(told, owner="author")
    data = _Data(taught=lengths.sequences, measured=fitted(kept_out, settings.max_length).sequences)
    resumed = _checkpoint(out)[1]
    wanted = run.recipe.trainer.micro_batch or settings.batch_size // PartialState().num_processes
    _, micro = fitting(settings.batch_size, wanted, lambda size: _train(run, data, out, on_step=on_step, micro=size))
    PartialState().wait_for_everyone()
    losses = validation_losses(out / "metrics.jsonl")
    chosen = min(losses, key=lambda at: losses[at]) if settings.select == "validation" else settings.steps
    return SftResult(
        adapter=out / "adapter",
        step=chosen,
        validation_loss=losses.get(chosen),
        sequences=len(lengths.sequences),
        cut=lengths.cut,
        cut_tokens=lengths.cut_tokens,
        dropped=lengths.dropped,
        resumed_from_step=resumed,
        micro_batch=micro,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    taught: Sequence[TokenSequence]
    measured: Sequence[TokenSequence]


def _train(run: SftRun, data: _Data, out: Path, *, on_step: OnStep, micro: int) -> None:
    """Do the steps that are left, ``micro`` sequences at once on a device, and write the adapter."""
    checkpoint, done = _checkpoint(out)
    state = PartialState()
    with state.main_process_first():
        metrics = MetricsFile(out / "metrics.jsonl", done=done)

    def step(row: dict[str, float | int]) -> None:
        if state.is_main_process:
            metrics.append(row)
            on_step(row)

    trainer = SFTTrainer(
        model=load_policy(run.base, run.recipe, seed=run.seed),
        args=_config(run, out / "trainer", validates=bool(data.measured), micro=micro),
        train_dataset=_dataset(data.taught),
        eval_dataset=_dataset(data.measured) if data.measured else None,
        processing_class=load_tokenizer(run.base),
    )
    best = _Best(trainer, metrics, out / "best")
    for callback in (StepCallback(step), best, SealCallback()):
        trainer.add_callback(callback)
    without_console(trainer).train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if run.recipe.sft.select != "validation":
        adapter_of(trainer)(out / "adapter")
    elif state.is_main_process:
        shutil.copytree(out / "best", out / "adapter", dirs_exist_ok=True)


def _checkpoint(out: Path) -> tuple[Path | None, int]:
    """Return the last checkpoint of an earlier go, and how many steps it had finished."""
    with PartialState().main_process_first():  # which removes what is not whole
        return last_whole_checkpoint(out / "trainer") or (None, 0)


def validation_losses(metrics: Path) -> dict[int, float]:
    """Return the measured validation losses (nats per token) by step, 0 being the untrained adapter."""
    return {row["step"]: row[_LOSS] for row in read_metrics(metrics) if _LOSS in row}


_LOSS = "validation_loss"


class _Best(TrainerCallback):  # type: ignore[misc]
    """Notes each validation loss and keeps the adapter of the least one so far."""

    def __init__(self, trainer: Any, metrics: MetricsFile, folder: Path) -> None:
        self._trainer = trainer
        self._metrics = metrics
        self._folder = folder
        self._least = min(validation_losses(metrics.path).values(), default=math.inf)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any) -> None:
        """Hear a measurement."""
        loss = float(metrics["eval_loss"])
        if not math.isfinite(loss):
            raise TrainingError(f"the validation loss is {loss} at step {state.global_step}")
        if state.is_world_process_zero:
            self._metrics.append({"step": int(state.global_step), _LOSS: round(loss, 6)})
        if loss < self._least:
            self._least = loss
            adapter_of(self._trainer)(self._folder)


def _split(run: SftRun) -> tuple[list[TokenSequence], list[TokenSequence]]:
    """Part the demonstrations by task into those that teach and those that measure, the same for a seed."""
    tasks = sorted(run.demonstrations)
    count = round(run.recipe.sft.validation_share * len(tasks))
    rng = random.Random(derive_seed(run.seed, "validation"))  # noqa: S311 (not for secrets)
    measured = set(rng.sample(tasks, count))
    taught = [sequence for task in tasks if task not in measured for sequence in run.demonstrations[task]]
    return taught, [sequence for task in sorted(measured) for sequence in run.demonstrations[task]]


def _config(run: SftRun, out: Path, *, validates: bool, micro: int) -> SFTConfig:
    settings = run.recipe.sft
    every = settings.evaluate_every
    saves = {"save_strategy": "steps", "save_steps": every, "save_total_limit": 2} if every else {"save_strategy": "no"}
    measures = {"eval_strategy": "steps", "eval_steps": every, "eval_on_start": True} if every and validates else {}
    config = SFTConfig(
        **training_arguments(out, run.recipe, seed=run.seed, trackers=run.trackers),
        **batching(settings.batch_size, micro),
        **saves,
        **measures,
        max_steps=settings.steps,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=settings.warmup_steps,
        max_length=settings.max_length if settings.packing else None,  # else nothing is longer any more
        packing=settings.packing,
    )
    return settled(config, run.recipe.trainer)


def _dataset(sequences: Sequence[TokenSequence]) -> Dataset:
    return Dataset.from_list([_row(sequence) for sequence in sequences])


def _row(sequence: TokenSequence) -> dict[str, list[int]]:
    labels = [
        token if mask else IGNORED for token, mask in zip(sequence.completion_ids, sequence.loss_mask, strict=True)
    ]
    return {
        "input_ids": [*sequence.prompt_ids, *sequence.completion_ids],
        "labels": [IGNORED] * len(sequence.prompt_ids) + labels,
    }
