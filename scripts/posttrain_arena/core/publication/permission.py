"""Decide whether a run may be published: nothing of a suite that is not public gets out."""

from __future__ import annotations

from collections.abc import Sequence

from posttrain_arena.errors import UsageError
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.trial import Trial


def require_public(run: LeaderboardRun, competition: Competition) -> None:
    """Raise UsageError unless everything in the run was measured on the public sample.

    A suite does not say of itself that it may be seen: the public sample is the one that the rules name by its digest.
    """
    public = competition.suites.public_sample.digest
    for evaluation in evaluations(run):
        if public is None or evaluation.suite_digest != public:
            measured = f"its stage {evaluation.stage} was measured on {evaluation.suite} ({evaluation.suite_digest})"
            raise UsageError(
                f"{run.id}: {measured}, which is not the public sample of competition.yaml ({public}): "
                "only runs on that may be published"
            )


def require_of_suite(trials: Sequence[Trial], evaluation: Evaluation) -> None:
    """Raise UsageError where a trial is of a task that the evaluation does not have."""
    known = {(task.id, task.digest) for task in evaluation.tasks}
    for trial in trials:
        if (trial.task, trial.task_digest) not in known:
            raise UsageError(
                f"a trial of {evaluation.stage} is of {trial.task}, which is no task of {evaluation.suite}"
            )


def evaluations(run: LeaderboardRun) -> tuple[Evaluation, ...]:
    """Return everything that was measured, the baseline first, each once."""
    others = (evaluation for evaluation in run.evaluations if evaluation != run.baseline)
    return (run.baseline, *others)
