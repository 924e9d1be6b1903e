"""The stage that evaluates a checkpoint: it reads the suite and runs no entry code."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from posttrain_arena.cli.run_context import RunContext, StageResult, Tick, stage
from posttrain_arena.core.evaluation import Attempt, Subject, evaluate
from posttrain_arena.core.training.records import phase_seconds, write_trials
from posttrain_arena.core.trial.runner import TrialRequest
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

BASELINE = "base"


def evaluation_stage(
    context: RunContext,
    base: StageResult,
    checkpoint: StageResult | None,
    suite: tuple[Suite, Mapping[str, TaskPackage]],
    tick: Tick,
) -> StageResult:
    """Evaluate ``checkpoint``, or the base model as the baseline where it is None, on the suite and its packages."""
    settings = context.recipe.evaluation
    name = BASELINE if checkpoint is None else checkpoint.folder.name
    digest = base.digest if checkpoint is None else checkpoint.digest
    count = settings.baseline_trials_per_task if checkpoint is None else settings.trials_per_task
    seed = 0 if checkpoint is None else context.seed  # the baseline is one for all runs

    def work(folder: Path) -> Mapping[str, Fact]:
        from posttrain_arena.adapters.model_server.policy import served_policy

        context.engine.release()
        trials: list[Trial] = []
        attested: dict[str, Fact] = {}
        began = time.monotonic()
        with served_policy(
            base.folder / "model", context.recipe, log=context.log(f"evaluation-{name}-server")
        ) as policy:
            if checkpoint is not None:
                attested["sync_gap"] = policy.load(name, checkpoint.folder / "adapter")
            agent = policy.agent(name)

            def run(attempts: Sequence[Attempt]) -> list[Trial]:
                requests = [
                    TrialRequest(task=task, agent=agent, attempt=attempt, seed=seed, isolation=settings.isolation)
                    for task, attempt, seed in attempts
                ]
                trials.extend(context.trials(requests, settings.concurrency, tick))
                return trials

            subject = Subject(stage=name, checkpoint=digest)
            result = evaluate(*suite, run, subject=subject, trials_per_task=count, seed=seed)
        documents.write_document(folder / "evaluation.json", result)
        write_trials(folder / "trials.jsonl", trials)
        return {
            "trials": len(trials),
            "trials_per_sec": round(len(trials) / (time.monotonic() - began), 3),
            "timeouts": sum(trial.exit_reason == "timeout" for trial in trials),
            **attested,
            **phase_seconds(trials),
        }

    pinned = documents.digest(documents.to_document(suite[0]))
    inputs = {"recipe": context.recipe_digest, "seed": str(seed), "checkpoint": digest, "base": base.digest}
    return stage(context.out / f"evaluation-{name}", {**inputs, "suite": pinned}, work)
