"""Group-relative policy optimisation, with rollouts that are trials."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from datasets import Dataset
from trl import GRPOConfig

from posttrain_arena.adapters.training.checkpoints import SealCallback, last_whole_checkpoint
from posttrain_arena.adapters.training.memory import fitting
from posttrain_arena.adapters.training.metrics import StepCallback
from posttrain_arena.adapters.training.policy import (
    adapter_of,
    batching,
    load_policy,
    load_tokenizer,
    save_adapter,
    training_arguments,
    weight_change,
    without_console,
)
from posttrain_arena.adapters.training.sharding import settled
from posttrain_arena.adapters.training.trainer import CorrectingTrainer, correction, pad_apart, take_whole
from posttrain_arena.core.training.gates import GateKeeper
from posttrain_arena.core.training.metrics import MetricsFile, read_metrics
from posttrain_arena.core.training.plan import Plan
from posttrain_arena.core.training.records import phase_seconds
from posttrain_arena.core.training.rollouts import Actor, Rollouts, Settings, StepRollouts
from posttrain_arena.core.training.sequences import TokenSequence, sampled_sequence
from posttrain_arena.errors import TrainingError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoRun:
    """What a GRPO stage starts from. ``trackers`` are names that transformers' ``report_to`` takes."""

    base: Path
    adapter: Path
    tasks: Sequence[str]
    actor: Actor
    recipe: Recipe
    seed: int
    trackers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoResult:
    """The adapter, and what is told about how it came to be: the steps that were done, where a killed run went on,
    which tasks were given up, how many sequences fitted into memory at once."""

    adapter: Path
    steps: int
    resumed_from_step: int
    given_up: tuple[str, ...]
    micro_batch: int


OnStep = Callable[[dict[str, float | int]], None]


def run_grpo(run: GrpoRun, *, out: Path, on_step: OnStep = lambda row: None) -> GrpoResult:
    """Train the adapter on the rewards of its own trials.

    Writes ``out/adapter`` and ``out/metrics.jsonl`` and, until it is done, a checkpoint per step below ``out/trainer``
    and the adapters that sample below ``out/live``. Called again after a kill it goes on from the last whole
    checkpoint. Where the memory of a single device does not hold a batch it goes on with half the sequences at once.
    Raises TrainingError where a gate is not met: no reward differs within any group, the loss is not finite, the
    weights did not move, too many trials were lost.
    """
    resumed = _Training(run, out, on_step).checkpoint()[1]
    batch = _batch_size(run.recipe)
    wanted = run.recipe.trainer.micro_batch or batch // PartialState().num_processes
    steps, micro = fitting(batch, wanted, lambda size: _Training(run, out, on_step).train(size))
    PartialState().wait_for_everyone()
    _require_change(run, out / "adapter")
    return GrpoResult(
        adapter=out / "adapter",
        steps=steps,
        resumed_from_step=resumed,
        given_up=tuple(sorted(_given_up(out))),
        micro_batch=micro,
    )


@dataclass(slots=True)
class _Training:
    """One go at the steps that are left."""

    run: GrpoRun
    out: Path
    on_step: OnStep
    _rollouts: StepRollouts | None = None
    _began: float = field(default_factory=time.monotonic)

    def checkpoint(self) -> tuple[Path | None, int]:
        """Return the last checkpoint of an earlier go, and how many steps it had finished."""
        with PartialState().main_process_first():  # which removes what is not whole
            return last_whole_checkpoint(self.out / "trainer") or (None, 0)

    def train(self, micro: int) -> int:
        """Do the steps that are left, ``micro`` sequences at once on a device; return how many are done then."""
        run, recipe = self.run, self.run.recipe
        checkpoint, done = self.checkpoint()
        keeper = GateKeeper(recipe.gates, solved_steps=recipe.grpo.stop_after_solved_steps)
        with PartialState().main_process_first():
            metrics = MetricsFile(self.out / "metrics.jsonl", done=done)
        for row in read_metrics(self.out / "metrics.jsonl"):
            keeper.hear(row)  # a resumed run's gates know what the killed run saw
        given_up = {task: since for task, since in _given_up(self.out).items() if since < done}

        def finish_step(row: dict[str, float | int]) -> bool:
            keeper.hear(row)
            if self._rollouts is not None:  # in the main process
                told = {**row, **self._told(self._rollouts), "micro_batch": micro}
                metrics.append(told)
                self.on_step(told)
                self._began = time.monotonic()
            return keeper.solved

        if keeper.solved and checkpoint is not None:
            policy = load_policy(run.base, recipe, checkpoint, seed=run.seed)
            save_adapter(policy, load_tokenizer(run.base), self.out / "adapter")
            return done
        with Rollouts(_plan(run), run.actor, _settings(run), folder=self.out / "live", given_up=given_up) as rollouts:

            def rollout(prompts: list[str], trainer: Any) -> dict[str, Any]:
                return self._batch(trainer, rollouts, given_up, len(prompts))

            trainer = CorrectingTrainer(
                model=load_policy(run.base, recipe, run.adapter, seed=run.seed),
                args=_config(run, self.out / "trainer", micro=micro),
                train_dataset=_prompts(recipe),
                processing_class=load_tokenizer(run.base),
                reward_funcs=_reward,
                rollout_func=rollout,
                callbacks=[StepCallback(finish_step), SealCallback()],
            )
            without_console(trainer).train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        adapter_of(trainer)(self.out / "adapter")
        return int(trainer.state.global_step)

    def _batch(self, trainer: Any, rollouts: Rollouts, given_up: dict[str, int], count: int) -> dict[str, Any]:
        """Return this process's share of a step's trials; the first process has them run for all."""
        step, save = int(trainer.state.global_step), adapter_of(trainer)
        told: list[Any] = [None]
        if trainer.accelerator.is_main_process:
            self._rollouts = rollouts.of_step(step, save)
            known = {task: since for task, since in given_up.items() if since <= step}
            documents.write_bytes(self.out / _GIVEN_UP, documents.encode(known))
            told = [_columns(self._rollouts, stop_id=int(trainer.processing_class.eos_token_id))]
        columns = broadcast_object_list(told)[0]
        if self.run.recipe.trainer.backend == "unsloth":
            pad_apart(trainer.processing_class, columns["prompt_ids"] + columns["completion_ids"])
            take_whole(trainer.model, columns["prompt_ids"], columns["completion_ids"])
        first = count * trainer.accelerator.process_index
        return {name: values[first : first + count] for name, values in columns.items()}

    def _told(self, rollouts: StepRollouts) -> dict[str, float | int]:
        trials = rollouts.trials
        exits = Counter(trial.exit_reason for trial in trials)
        return {
            "rollout_sec": round(rollouts.seconds, 3),
            "step_sec": round(time.monotonic() - self._began, 3),
            "staleness": rollouts.step - rollouts.version,
            "sync_gap": rollouts.sync_gap,
            "groups_replaced": rollouts.replaced,
            "trials": len(trials),
            "trials_per_sec": round(len(trials) / rollouts.seconds, 3) if rollouts.seconds else 0.0,
            "timeouts": exits["timeout"],
            "submitted": exits["submitted"],
            "pass_rate": round(sum(trial.passed for trial in trials) / len(trials), 6),
            "failed_trials": sum(trial.failure is not None for trial in trials),
            "lost_trials": sum(trial.lost for trial in trials),
            **phase_seconds(trials),
        }


_GIVEN_UP = "given-up.json"


def _given_up(out: Path) -> Mapping[str, int]:
    path = out / _GIVEN_UP
    return documents.parse_text(path.read_text(encoding="utf-8"), where=str(path)) if path.exists() else {}


def _plan(run: GrpoRun) -> Plan:
    grpo = run.recipe.grpo
    return Plan(
        run.tasks, seed=run.seed, groups=grpo.tasks_per_step, reserve=grpo.reserve_groups, generations=grpo.generations
    )


def _settings(run: GrpoRun) -> Settings:
    recipe = run.recipe
    return Settings(
        steps=recipe.grpo.steps,
        staleness=recipe.grpo.max_staleness,
        concurrency=recipe.rollout.concurrency,
        max_lost_share=recipe.gates.max_lost_share,
    )


def _batch_size(recipe: Recipe) -> int:
    return recipe.grpo.tasks_per_step * recipe.grpo.generations


def _prompts(recipe: Recipe) -> Dataset:
    """Return as many rows as groups are trained on: the trainer counts them, the plan says which task each one is."""
    return Dataset.from_list([{"prompt": "a group"}] * (recipe.grpo.steps * recipe.grpo.tasks_per_step))


def _config(run: GrpoRun, out: Path, *, micro: int) -> GRPOConfig:
    settings = run.recipe.grpo
    arguments = training_arguments(out, run.recipe, seed=run.seed, trackers=run.trackers)
    config = GRPOConfig(
        **arguments,
        **batching(_batch_size(run.recipe), micro),
        **correction(settings.importance_cap),
        save_strategy="steps",
        save_steps=1,
        save_total_limit=2,  # the one before stays until the next is sealed
        max_steps=settings.steps,
        shuffle_dataset=False,  # the plan is shuffled already
        num_generations=settings.generations,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=settings.warmup_steps,
        max_grad_norm=settings.max_grad_norm,
        loss_type=settings.loss,
        beta=settings.beta,
        temperature=run.recipe.rollout.temperature,
        max_completion_length=None,  # the rollouts' own limits hold
        mask_truncated_completions=False,  # a trial that was cut off has a reward too
        epsilon_high=0.2,  # as below 1: Unsloth takes 0.28 where it is left out
    )
    return settled(config, run.recipe.trainer)


def _columns(rollouts: StepRollouts, *, stop_id: int) -> dict[str, Any]:
    """Return TRL's rollout output. A trial that sampled nothing is one masked token: a reward, no gradient."""
    nothing = TokenSequence(prompt_ids=(stop_id,), completion_ids=(stop_id,), loss_mask=(0,), logprobs=(0.0,))
    sequences = [sampled_sequence(trial) or nothing for trial in rollouts.trained]
    return {
        "prompt_ids": [list(sequence.prompt_ids) for sequence in sequences],
        "completion_ids": [list(sequence.completion_ids) for sequence in sequences],
        "logprobs": [list(sequence.logprobs) for sequence in sequences],
        "env_mask": [list(sequence.loss_mask) for sequence in sequences],
        "trial_reward": [reward for group in rollouts.groups for reward in group.rewards()],
    }


def _reward(trial_reward: list[float], **_: Any) -> list[float]:
    return trial_reward


def _require_change(run: GrpoRun, adapter: Path) -> None:
    change = weight_change(run.adapter, adapter)
    if not change >= run.recipe.gates.min_weight_change:
        raise TrainingError(
            f"GRPO changed the adapter by {change:.2e} of its norm, less than {run.recipe.gates.min_weight_change:g}: "
            "the checkpoint is the one from before"
        )
