"""The stages that make a checkpoint of an entry: base model, demonstrations, SFT, GRPO."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.cli.run_context import RunContext, StageResult, Tick, stage
from posttrain_arena.core.training.records import read_trials, write_trials
from posttrain_arena.core.training.sequences import demonstrated_sequence
from posttrain_arena.core.trial.agents import StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact
from posttrain_arena.model.recipe import EmbeddedModel, HubModel
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

if TYPE_CHECKING:
    from posttrain_arena.adapters.training.grpo import RolloutRequest


def base_stage(context: RunContext, tick: Tick) -> StageResult:
    """Build or download the recipe's base model, once for all runs of the recipe."""
    source = context.recipe.model.source
    digest = documents.digest(documents.to_document(context.recipe)["model"])

    def work(folder: Path) -> Mapping[str, Fact]:
        if isinstance(source, EmbeddedModel):
            return _built(source, folder / "model", tick)
        return _downloaded(source, folder / "model")

    return stage(context.bases / digest.removeprefix("sha256:")[:16], {"model": digest}, work)


def _built(model: EmbeddedModel, folder: Path, tick: Tick) -> Mapping[str, Fact]:
    from posttrain_arena.adapters.training.embedded import build_base

    def on_step(step: int, loss: float) -> None:
        tick(step / model.pretraining.steps, f"loss {loss:.2f}")

    return {"loss": round(build_base(model, out=folder, on_step=on_step), 4)}


def _downloaded(model: HubModel, folder: Path) -> Mapping[str, Fact]:
    from posttrain_arena.adapters.training.hub import download_base

    return {"repo": model.repo, "revision": model.revision, "bytes": download_base(model, out=folder)}


def demonstration_stage(context: RunContext, tasks: Sequence[TaskPackage], tick: Tick) -> StageResult:
    """Let the teacher demonstrate every task; what its verifier does not pass is recorded, never fatal."""
    rollout = context.recipe.rollout

    def work(folder: Path) -> Mapping[str, Fact]:
        agent = StepwiseOracle()
        requests = [TrialRequest(task=task, agent=agent, isolation=rollout.isolation) for task in tasks]
        trials = context.trials(requests, rollout.concurrency, tick)
        write_trials(folder / "trials.jsonl", trials)
        unsolved = ", ".join(trial.task for trial in trials if not trial.passed)
        return {"trials": len(trials), "passed": sum(trial.passed for trial in trials), "unsolved": unsolved}

    return stage(context.out / "demonstrations", {**_digests(tasks), "recipe": context.recipe_digest}, work)


def solved_tasks(demonstrations: StageResult, tasks: Sequence[TaskPackage]) -> list[TaskPackage]:
    """Return the tasks that can be trained on: those whose demonstration passed its verifier."""
    passed = {trial.task for trial in read_trials(demonstrations.folder / "trials.jsonl") if trial.passed}
    return [task for task in tasks if task.name in passed]


def sft_stage(context: RunContext, base: StageResult, demonstrations: StageResult, tick: Tick) -> StageResult:
    """Imitate the demonstrations that passed."""
    recipe = context.recipe

    def work(folder: Path) -> Mapping[str, Fact]:
        from posttrain_arena.adapters.chat_tokens import ChatTokens
        from posttrain_arena.adapters.training.sft import run_sft

        def on_step(row: Mapping[str, float | int]) -> None:
            tick(row["step"] / recipe.sft.steps, f"loss {row['loss']:.3f}")

        tokens = ChatTokens.load(base.folder / "model")
        passed = [trial for trial in read_trials(demonstrations.folder / "trials.jsonl") if trial.passed]
        sequences = [demonstrated_sequence(trial, tokens, TOOLS) for trial in passed]
        run_sft(base.folder / "model", sequences, recipe, seed=context.seed, out=folder, on_step=on_step)
        shutil.rmtree(folder / "trainer", ignore_errors=True)
        return {"demonstrations": len(sequences)}

    inputs = context.inputs(base=base.digest, demonstrations=demonstrations.digest)
    return stage(context.out / "sft", inputs, work)


def grpo_stage(
    context: RunContext, base: StageResult, sft: StageResult, tasks: Sequence[TaskPackage], tick: Tick
) -> StageResult:
    """Learn from the rewards of the policy's own trials; goes on from the last finished step after a kill."""
    recipe = context.recipe
    packages = {task.name: task for task in tasks}

    def work(folder: Path) -> Mapping[str, Fact]:
        from posttrain_arena.adapters.model_server.policy import ServedPolicy, served_policy
        from posttrain_arena.adapters.training.grpo import GrpoRun, run_grpo

        def rollout(policy: ServedPolicy, adapter: Path, requests: Sequence[RolloutRequest]) -> list[Trial]:
            policy.load("policy", adapter)
            agent = policy.agent("policy")
            trials = [
                TrialRequest(
                    task=packages[request.task],
                    agent=agent,
                    attempt=request.generation,
                    seed=request.seed,
                    isolation=recipe.rollout.isolation,
                )
                for request in _interleaved(requests)
            ]
            ran = context.trials(trials, recipe.rollout.concurrency, _silent)
            by_name = {(trial.task, trial.attempt): trial for trial in ran}
            return [by_name[request.task, request.generation] for request in requests]

        def on_step(row: Mapping[str, float | int]) -> None:
            tick(row["step"] / recipe.grpo.steps, f"step {row['step']}, mean reward {row['reward']:.2f}")

        with served_policy(base.folder / "model", recipe, log=context.log("grpo-server")) as policy:
            run = GrpoRun(
                base=base.folder / "model",
                adapter=sft.folder / "adapter",
                tasks=list(packages),
                rollout=lambda adapter, requests: rollout(policy, adapter, requests),
                recipe=recipe,
                seed=context.seed,
            )
            _, resumed = run_grpo(run, out=folder, on_step=on_step)
        for scratch in ("trainer", "live"):
            shutil.rmtree(folder / scratch, ignore_errors=True)
        return {"resumed_from_step": resumed}

    inputs = context.inputs(base=base.digest, sft=sft.digest) | _digests(tasks)
    return stage(context.out / "grpo", inputs, work)


def _interleaved(requests: Sequence[RolloutRequest]) -> list[RolloutRequest]:
    """Order a step's trials so that neighbours are of different tasks: few warm containers then serve many trials."""
    return sorted(requests, key=lambda request: request.generation)


def _digests(tasks: Sequence[TaskPackage]) -> dict[str, str]:
    return {f"task {task.name}": task.digest for task in tasks}


def _silent(fraction: float, note: str) -> None:
    """Take a tick nobody needs to hear."""
