"""The stages that make a checkpoint of an entry: base model, demonstrations, SFT, GRPO."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.cli.demonstration_stage import demonstrations
from posttrain_arena.cli.run_context import EvaluationContext, RunContext, StageResult, Tick, stage
from posttrain_arena.core.training.plan import RolloutRequest
from posttrain_arena.core.training.sequences import demonstrated_sequences
from posttrain_arena.core.training.stages import NAMED_BY_INPUTS
from posttrain_arena.core.trial.runner import TrialRequest, run_with_retries
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model import documents
from posttrain_arena.model.lock import locked
from posttrain_arena.model.manifest import Fact
from posttrain_arena.model.recipe import EmbeddedModel, HubModel
from posttrain_arena.model.reference_agent import Acting, TaughtModel
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

if TYPE_CHECKING:
    from posttrain_arena.adapters.model_server.policy import ServedPolicy
    from posttrain_arena.adapters.training.trackers import TrackedStage


def base_stage(context: EvaluationContext, tick: Tick) -> StageResult:
    """Build or download the base model of a recipe or an agent, once for all runs that have it."""
    source = context.recipe.model.source

    def work(folder: Path) -> Mapping[str, Fact]:
        if isinstance(source, HubModel):
            return _downloaded(source, folder / "model")
        return _built(source, folder / "model", tick)

    with locked(context.bases):  # two runs that begin at once need it built once
        return stage(base_folder(context.recipe, context.bases), {"model": _model_digest(context.recipe)}, work)


def base_folder(recipe: Acting, bases: Path) -> Path:
    """Return where the base model of a recipe or an agent lies."""
    return bases / _model_digest(recipe).removeprefix("sha256:")[:16]


def _model_digest(recipe: Acting) -> str:
    return documents.digest(documents.to_document(recipe)["model"])


def _built(model: EmbeddedModel | TaughtModel, folder: Path, tick: Tick) -> Mapping[str, Fact]:
    """Train a base model on the spot. Processors of other kinds round otherwise: its weights differ by 1e-6 of them."""
    steps = model.lessons.steps if isinstance(model, TaughtModel) else model.pretraining.steps

    def on_step(step: int, loss: float) -> None:
        tick(step / steps, f"loss {loss:.2f}")

    if isinstance(model, TaughtModel):
        from posttrain_arena.adapters.training.skill_reader import build_reader

        return {"loss": round(build_reader(model, out=folder, on_step=on_step), 4), **NAMED_BY_INPUTS}
    from posttrain_arena.adapters.training.embedded import build_base

    return {"loss": round(build_base(model, out=folder, on_step=on_step), 4), **NAMED_BY_INPUTS}


def _downloaded(model: HubModel, folder: Path) -> Mapping[str, Fact]:
    from posttrain_arena.adapters.training.hub import download_base

    return {"repo": model.repo, "revision": model.revision, "bytes": download_base(model, out=folder)}


def sft_stage(context: RunContext, base: StageResult, shown: StageResult, tick: Tick) -> StageResult:
    """Imitate the demonstrations that passed."""
    recipe = context.recipe

    def work(folder: Path) -> Mapping[str, Fact]:
        from posttrain_arena.adapters.chat_tokens import ChatTokens
        from posttrain_arena.adapters.training.backends import prepare

        prepare(recipe)
        from posttrain_arena.adapters.training.processes import train_sft
        from posttrain_arena.adapters.training.sft import SftRun
        from posttrain_arena.adapters.training.trackers import tracked

        def on_step(row: Mapping[str, float | int]) -> None:
            tick(row["step"] / recipe.sft.steps, f"loss {row['loss']:.3f}")

        tokens = ChatTokens.load(base.folder / "model")
        run = SftRun(
            base=base.folder / "model",
            demonstrations={
                trial.task: demonstrated_sequences(trial, tokens, TOOLS) for trial in demonstrations(shown)
            },
            recipe=recipe,
            seed=context.seed,
            trackers=context.trackers,
        )
        with tracked(context.trackers, _tracked(context, "sft", inputs)):
            result = train_sft(run, out=folder, on_step=on_step, log=context.log("sft-trainer"))
        for scratch in ("trainer", "best"):
            shutil.rmtree(folder / scratch, ignore_errors=True)
        facts = dataclasses.asdict(result) | {"adapter": ""}
        return {name: value for name, value in facts.items() if value not in (None, "")}

    inputs = context.inputs(base=base.digest, demonstrations=shown.digest)
    return stage(context.out / "sft", inputs, work)


def grpo_stage(
    context: RunContext, base: StageResult, sft: StageResult, tasks: Sequence[TaskPackage], tick: Tick
) -> StageResult:
    """Learn from the rewards of the policy's own trials; goes on from the last finished step after a kill."""
    recipe = context.recipe
    packages = {task.name: task for task in tasks}

    def work(folder: Path) -> Mapping[str, Fact]:
        from posttrain_arena.adapters.model_server.policy import served_policy
        from posttrain_arena.adapters.training.backends import prepare

        prepare(recipe)
        from posttrain_arena.adapters.training.grpo import GrpoRun
        from posttrain_arena.adapters.training.processes import train_grpo
        from posttrain_arena.adapters.training.trackers import tracked

        def on_step(row: Mapping[str, float | int]) -> None:
            tick(row["step"] / recipe.grpo.steps, f"step {row['step']}, mean reward {row['reward']:.2f}")

        with served_policy(base.folder / "model", recipe, log=context.log("grpo-server")) as policy:
            run = GrpoRun(
                base=base.folder / "model",
                adapter=sft.folder / "adapter",
                tasks=list(packages),
                actor=_Actor(context=context, policy=policy, packages=packages),
                recipe=recipe,
                seed=context.seed,
                trackers=context.trackers,
            )
            with tracked(context.trackers, _tracked(context, "grpo", inputs)):
                result = train_grpo(run, out=folder, on_step=on_step, log=context.log("grpo-trainer"))
        for scratch in ("trainer", "live"):
            shutil.rmtree(folder / scratch, ignore_errors=True)
        (folder / "given-up.json").unlink(missing_ok=True)
        return {
            "steps": result.steps,
            "resumed_from_step": result.resumed_from_step,
            "given_up": ", ".join(result.given_up),
            "micro_batch": result.micro_batch,
        }

    inputs = context.inputs(base=base.digest, sft=sft.digest) | _digests(tasks)
    return stage(context.out / "grpo", inputs, work)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    """Runs the trials of GRPO with a served policy; see ``core.training.rollouts.Actor``."""

    context: RunContext
    policy: ServedPolicy
    packages: Mapping[str, TaskPackage]

    def load(self, adapter: Path, version: int) -> float:
        """Serve an adapter under the name of its version, which the version that long after it takes over."""
        return self.policy.load(self._name(version), adapter)

    def act(self, request: RolloutRequest, version: int) -> Trial:
        """Run one trial; what the infrastructure lost is run again, as everywhere.

        It waits for memory and not for cores: a GPU would wait with it, and only the entry's own rewards are at stake.
        """
        trial = TrialRequest(
            task=self.packages[request.task],
            agent=self.policy.agent(self._name(version)),
            attempt=request.generation,
            seed=request.seed,
            isolation=self.context.recipe.rollout.isolation,
        )
        return run_with_retries(trial, self.context.engine)

    def _name(self, version: int) -> str:
        return f"policy-{version % (self.context.recipe.grpo.max_staleness + 2)}"


def _tracked(context: RunContext, stage: str, inputs: Mapping[str, str]) -> TrackedStage:
    from posttrain_arena.adapters.training.trackers import TrackedStage

    return TrackedStage(folder=context.out / "logs", name=stage, inputs=inputs)


def _digests(tasks: Sequence[TaskPackage]) -> dict[str, str]:
    return {f"task {task.name}": task.digest for task in tasks}
