"""Make a run that tells how good somebody is and not who: what is picked here, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from posttrain_arena.core.leaderboard.runs import RunFacts, scored_evaluation
from posttrain_arena.model.evaluation import Evaluation, LostTrial, TaskRewards
from posttrain_arena.model.leaderboard_run import Entry, LeaderboardRun, Pin

Alias = Callable[[str, str], str]
"""Stands for a value of some kind by 64 hexadecimal digits that only the holder of a key can make."""

TITLE = "Hidden until the phase is over"
GROUP = 5
"""So many blind runs are published together: one alone would be that of whoever was evaluated just now."""


def blind_facts(run: LeaderboardRun, alias: Alias) -> RunFacts:
    """Return what of a run may be published while its phase is blind; the score follows from it as from any other.

    Digests of the entry, the job and the weights are aliases as well: whoever has the pull request can work them out.
    Curves, times and machines are left out, since the ledger has some of them beside the names. So is the attempt: it
    is always told as the first.
    """
    name = alias("entry", run.entry.name)[:12]
    return RunFacts(
        entry=Entry(
            name=f"blind-{name}",
            team=f"Entry {name[:6]}",
            title=TITLE,
            track=run.entry.track,
            digest=f"sha256:{alias('digest', run.entry.digest)}",
        ),
        job=f"sha256:{alias('job', run.job)}",
        recipe=Pin(name=run.recipe.name, digest=run.recipe.digest),
        base_model=run.base_model,
        seed=run.seed,
        baseline=_evaluation(run.baseline, run.baseline.checkpoint),
        evaluations=(_scored(run, alias),),
        scored_stage=run.scored_stage,
        exhibition=run.reason if run.status == "exhibition" else "",
    )


def _scored(run: LeaderboardRun, alias: Alias) -> Evaluation:
    evaluation = scored_evaluation(run)
    return _evaluation(evaluation, f"sha256:{alias('checkpoint', evaluation.checkpoint)}")


def _evaluation(evaluation: Evaluation, checkpoint: str) -> Evaluation:
    return Evaluation(
        stage=evaluation.stage,
        checkpoint=checkpoint,
        suite=evaluation.suite,
        suite_digest=evaluation.suite_digest,
        trials_per_task=evaluation.trials_per_task,
        seed=evaluation.seed,
        tasks=tuple(_task(task) for task in evaluation.tasks),
    )


def _task(task: TaskRewards) -> TaskRewards:
    return TaskRewards(
        id=task.id,
        digest=task.digest,
        domain=task.domain,
        group=task.group,
        rewards=task.rewards,
        lost=tuple(LostTrial(attempt=lost.attempt, reason=lost.reason) for lost in task.lost),
    )
