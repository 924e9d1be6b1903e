"""The stage that collects demonstrations of every task from the recipe's teacher."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from posttrain_arena.cli.chat_agent import secret
from posttrain_arena.cli.run_context import RunContext, StageResult, Tick, stage
from posttrain_arena.core.training.demonstrations import demonstrate, told
from posttrain_arena.core.training.gates import require_few_lost
from posttrain_arena.core.training.records import TrialLog, read_trials, write_trials
from posttrain_arena.core.trial.agents import Agent, StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact
from posttrain_arena.model.recipe import ChatTeacher
from posttrain_arena.model.seeds import derive_seed
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

ENDPOINT, KEY = "ARENA_TEACHER_ENDPOINT", "ARENA_TEACHER_KEY"
"""The environment variables with the address of a chat teacher's server and its secret."""

TRIALS = "trials.jsonl"


def demonstration_stage(context: RunContext, tasks: Sequence[TaskPackage], tick: Tick) -> StageResult:
    """Let the teacher demonstrate every task; what its verifier does not pass is recorded, never fatal.

    Takes over what it did before it was killed or lost too many trials, and runs what was lost again.
    """
    recipe = context.recipe

    def work(folder: Path) -> Mapping[str, Fact]:
        log = TrialLog(folder / "unfinished.jsonl")
        before = log.recover()
        known = {(trial.task, trial.attempt): trial for trial in before if not trial.lost}
        done = len(known)
        with _teacher(recipe.teacher.chat) as agent:

            def run(some: Sequence[TaskPackage], attempt: int) -> list[Trial]:
                requests = [
                    TrialRequest(
                        task=task,
                        agent=agent,
                        attempt=attempt,
                        seed=derive_seed(context.seed, "teacher", task.name, attempt),
                        isolation=recipe.rollout.isolation,
                    )
                    for task in some
                    if (task.name, attempt) not in known
                ]
                ran = context.trials(requests, recipe.rollout.concurrency, tick, log.append)
                known.update({(trial.task, trial.attempt): trial for trial in ran})
                return [known[task.name, attempt] for task in some]

            trials = demonstrate(tasks, recipe.teacher.attempts, run)
        require_few_lost(trials, recipe.gates.max_lost_share, where="demonstrations")
        write_trials(folder / TRIALS, trials)
        summary = told(tasks, trials, recipe.teacher, again=[trial for trial in before if trial.lost])
        documents.write_document(folder / "demonstrations.json", summary)
        log.close()
        return {
            "trials": len(trials),
            "trials_before": done,
            "passed": sum(trial.passed for trial in trials),
            "unsolved": ", ".join(row.task for row in summary.tasks if not row.passed),
            "cost_usd": round(sum(row.cost_usd for row in summary.tasks), 4),
        }

    inputs = {f"task {task.name}": task.digest for task in tasks} | {"recipe": context.recipe_digest}
    if recipe.teacher.chat is not None:
        inputs["seed"] = str(context.seed)  # an oracle has none, so that the seeds of a recipe share its trials
    return stage(context.out / "demonstrations", inputs, work)


def demonstrations(stage: StageResult) -> list[Trial]:
    """Return the trials that passed."""
    return [trial for trial in read_trials(stage.folder / TRIALS) if trial.passed]


def trainable(context: RunContext, stage: StageResult, tasks: Sequence[TaskPackage]) -> list[TaskPackage]:
    """Return the tasks to train on: where the oracle did not pass, nobody can; a chat teacher may just not know how."""
    if context.recipe.teacher.chat is not None:
        return list(tasks)
    passed = {trial.task for trial in demonstrations(stage)}
    return [task for task in tasks if task.name in passed]


@contextmanager
def _teacher(chat: ChatTeacher | None) -> Iterator[Agent]:
    if chat is None:
        yield StepwiseOracle()
        return
    from posttrain_arena.adapters.model_server.client import Sampling
    from posttrain_arena.adapters.model_server.endpoint import Endpoint
    from posttrain_arena.adapters.model_server.messages import MessageChatModel
    from posttrain_arena.core.trial.chat import Chat

    url = os.environ.get(ENDPOINT)
    if not url:
        raise UsageError(f"the recipe's teacher is {chat.model}: put the address of its server into {ENDPOINT}")
    sampling = Sampling(max_tokens=chat.max_tokens, temperature=chat.temperature, context=chat.context, fit=True)
    with closing(Endpoint(url, key=secret(KEY))) as endpoint:
        model = MessageChatModel(endpoint=endpoint, model=chat.model, sampling=sampling)
        yield Chat(model=model, user=model, max_turns=chat.max_turns)
