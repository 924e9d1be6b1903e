"""Runs on the sealed suite: what is told of them before the reveal, and what holds it together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

from posttrain_arena.core.leaderboard.runs import run_id, standing
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import digest, said_digest, to_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import SealedEvaluation, SealedRun
from posttrain_arena.model.sealed_suite import RevealedSuite

TOLERANCE = 1e-9


def projected(run: LeaderboardRun) -> SealedRun:
    """Return what is told of a run before the reveal: what is named here, and nothing else.

    The digests of the evaluations fix every reward. They tell none: which leaf has which opaque id is in them, and
    that is known to the key alone.
    """
    told = SealedRun(
        id=run.id,
        digest="",
        entry=run.entry,
        job=run.job,
        recipe=run.recipe,
        suite=run.suite,
        base_model=run.base_model,
        checkpoint=run.checkpoint,
        seed=run.seed,
        attempt=run.attempt,
        status=run.status,
        reason=run.reason,
        baseline=_counted(run.baseline),
        evaluations=tuple(_counted(evaluation) for evaluation in run.evaluations),
        scored_stage=run.scored_stage,
        score=run.score,
        stages=run.stages,
        curves=run.curves,
        trials=run.trials,
        versions=run.versions,
        hardware=run.hardware,
        wall_sec=run.wall_sec,
        checkpoint_steps=run.checkpoint_steps,
        gpu_hours=run.gpu_hours,
        cost_usd=run.cost_usd,
        sources=run.sources,
    )
    return replace(told, digest=said_digest(told))


def _counted(evaluation: Evaluation) -> SealedEvaluation:
    return SealedEvaluation(
        stage=evaluation.stage,
        checkpoint=evaluation.checkpoint,
        digest=digest(to_document(evaluation)),
        trials_per_task=evaluation.trials_per_task,
        n=len(evaluation.tasks),
        lost=sum(len(task.lost) for task in evaluation.tasks),
    )


def aggregate_faults(run: SealedRun) -> Iterator[str]:
    """Yield what a sealed run says that its own aggregates contradict; single rewards wait for the reveal."""
    scored = [evaluation for evaluation in run.evaluations if evaluation.stage == run.scored_stage]
    if len(scored) != 1:
        yield f"scored_stage: {len(scored)} evaluations of the stage {run.scored_stage!r}: there must be one"
        return
    (ours,), theirs, score = scored, run.baseline, run.score
    told = {
        "id": (run.id, run_id(run, score)),
        "checkpoint": (run.checkpoint, ours.checkpoint),
        "score/suite": (score.suite, run.suite.name),
        "score/suite_digest": (score.suite_digest, run.suite.digest),
        "score/entry_evaluation": (score.entry_evaluation, ours.digest),
        "score/baseline_evaluation": (score.baseline_evaluation, theirs.digest),
        "score/n": ({score.n}, {ours.n, theirs.n, sum(cell.n for cell in score.domains)}),
        "score/k, score/k_b": ((score.k, score.k_b), (ours.trials_per_task, theirs.trials_per_task)),
        "score/lost": ((score.lost.entry, score.lost.baseline), (ours.lost, theirs.lost)),
        "status, reason": ((run.status, run.reason), standing(score, run.reason)),
    }
    faults = [f"{at}: says {said}, and the rest gives {found}" for at, (said, found) in told.items() if said != found]
    faults += _sums(run)
    if not faults and run.digest != said_digest(run):
        faults.append(f"digest: says {run.digest}, and what the file says has {said_digest(run)}")
    yield from faults


def _sums(run: SealedRun) -> Iterator[str]:
    score, cells = run.score, run.score.domains
    rates = [row.rate for row in run.stages if row.stage == run.scored_stage and row.group is None]
    lost = max(score.lost.entry / (score.n * score.k), score.lost.baseline / (score.n * score.k_b))
    sums = {
        "score/delta": (score.delta, score.entry_rate - score.baseline_rate),
        "score/entry_rate": (score.entry_rate, sum(cell.entry_rate * cell.n for cell in cells) / score.n),
        "score/baseline_rate": (score.baseline_rate, sum(cell.baseline_rate * cell.n for cell in cells) / score.n),
        "score/macro": (score.macro, fmean(cell.delta for cell in cells)),
        "score/lost/share": (score.lost.share, lost),
        "stages": (fmean(rates or [math.nan]), score.entry_rate),
    }
    for at, (said, found) in sums.items():
        if not math.isclose(said, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{at}: says {said}, and the rest gives {found}"


def revealed_task_faults(run: LeaderboardRun, revealed: RevealedSuite) -> Iterator[str]:
    """Yield which tasks of a run's evaluations are not those that were revealed."""
    tasks = {task.opaque: (f"sha256:{task.leaf}", task.domain) for task in revealed.tasks}
    named = [("baseline", run.baseline), *((f"evaluations/{at}", one) for at, one in enumerate(run.evaluations))]
    for where, evaluation in named:
        found = {task.id: (task.digest, task.domain) for task in evaluation.tasks}
        for name in sorted(tasks.keys() | found.keys()):
            if tasks.get(name) != found.get(name):
                yield f"{where}: {name}: is {found.get(name)}, and {tasks.get(name)} was revealed"


def require_same(run: LeaderboardRun, before: SealedRun | None) -> None:
    """Raise UsageError where a run that is revealed is not the one whose aggregates were published before."""
    if before is None:
        raise UsageError(f"{run.id}: nothing was published of it before the reveal, so it came after: not added")
    if projected(run) != before:
        raise UsageError(f"{run.id}: is not the run whose aggregates were published before the reveal")
