"""Evaluate one checkpoint on one suite: every task, the same number of trials, nothing dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from posttrain_arena.errors import UsageError
from posttrain_arena.model.evaluation import Evaluation, LostTrial, TaskRewards
from posttrain_arena.model.seeds import derive_seed
from posttrain_arena.model.shard import Shard
from posttrain_arena.model.suite import Suite, SuiteTask
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

TrialKey: TypeAlias = tuple[str, int]
"""What tells the trials of an evaluation apart: the digest of the task, and the number of the attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is evaluated: the checkpoint after a ``stage`` (base, sft, grpo), by its digest."""

    stage: str
    checkpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One trial that an evaluation asks for; ``number`` counts the task's from 0."""

    task: TaskPackage
    number: int
    seed: int

    @property
    def key(self) -> TrialKey:
        """What its trial will be known by."""
        return self.task.digest, self.number


def planned(
    suite: Suite, tasks: Mapping[str, TaskPackage], *, trials_per_task: int, seed: int, shard: Shard | None = None
) -> list[Attempt]:
    """Return the trials of an evaluation, or of one shard of it.

    ``tasks`` maps suite ids to packages. Seeds depend on ``seed``, the task and the attempt, not on the
    checkpoint, so that two checkpoints meet the same draws. Raises UsageError where a task is missing or is not the
    one the suite pins, or where two are the same package.
    """
    if len({task.digest for task in suite.tasks}) < len(suite.tasks):
        raise UsageError(f"suite {suite.name}: two of its tasks are the same package (equal digests)")
    chosen = suite.tasks if shard is None else shard.of(suite.tasks)
    return [
        Attempt(task=_pinned(task, tasks), number=number, seed=derive_seed(seed, "evaluation", task.id, number))
        for number in range(trials_per_task)
        for task in chosen
    ]


def assembled(
    suite: Suite, trials: Mapping[TrialKey, Trial], *, subject: Subject, trials_per_task: int, seed: int
) -> Evaluation:
    """Return the rewards of the trials that were planned. A trial without a reward counts as 0.0 and is listed."""
    return Evaluation(
        stage=subject.stage,
        checkpoint=subject.checkpoint,
        suite=suite.name,
        suite_digest=suite.digest,
        trials_per_task=trials_per_task,
        seed=seed,
        tasks=tuple(
            _rewards(task, [trials[task.digest, number] for number in range(trials_per_task)]) for task in suite.tasks
        ),
    )


def _pinned(task: SuiteTask, tasks: Mapping[str, TaskPackage]) -> TaskPackage:
    package = tasks.get(task.id)
    if package is None:
        raise UsageError(f"suite task {task.id}: no package at {task.path}")
    if package.digest != task.digest:
        raise UsageError(f"suite task {task.id}: the package has changed since the suite was fixed (digest differs)")
    return package


def _rewards(task: SuiteTask, trials: Sequence[Trial]) -> TaskRewards:
    return TaskRewards(
        id=task.id,
        digest=task.digest,
        domain=task.domain,
        group=task.group,
        rewards=tuple(0.0 if trial.reward is None else trial.reward for trial in trials),
        lost=tuple(
            LostTrial(attempt=trial.attempt, reason=trial.failure.reason if trial.failure else "no-reward")
            for trial in trials
            if trial.reward is None
        ),
    )
