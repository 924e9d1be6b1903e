"""Build one leaderboard run from what training, evaluation and scoring left."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from posttrain_arena.core.leaderboard.store import refuse_non_finite
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import digest, said_digest, to_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import (
    Entry,
    LeaderboardRun,
    Pin,
    Series,
    StageRate,
    Status,
    TrialStats,
)
from posttrain_arena.model.score import Score
from posttrain_arena.model.sealed_run import SealedRun

MAX_LOST_SHARE = 0.02
"""A run that lost more of its trials than this holds no rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a run is, without what follows from it.

    ``evaluations`` come in order of training and contain the one of ``scored_stage``. ``exhibition`` is the reason
    why the run holds no rank; empty for a run that competes.
    """

    entry: Entry
    job: str
    recipe: Pin
    base_model: str
    seed: int
    baseline: Evaluation
    evaluations: tuple[Evaluation, ...]
    scored_stage: str
    attempt: int = 1
    exhibition: str = ""
    curves: tuple[Series, ...] = ()
    trials: tuple[TrialStats, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    hardware: str = ""
    wall_sec: dict[str, float] = field(default_factory=dict)
    checkpoint_steps: dict[str, int] = field(default_factory=dict)
    gpu_hours: float | None = None
    cost_usd: float | None = None
    sources: dict[str, str] = field(default_factory=dict)


def series(stage: str, name: str, points: Iterable[tuple[int, float | None]], *, unit: str = "") -> Series:
    """Return a training curve from (step, value) points; a value that is not finite was not measured."""
    kept = list(points)
    values = tuple(value if value is not None and math.isfinite(value) else None for _, value in kept)
    return Series(stage=stage, name=name, unit=unit, steps=tuple(step for step, _ in kept), values=values)


def scored_evaluation(facts: RunFacts | LeaderboardRun) -> Evaluation:
    """Return the evaluation of the scored stage; raises UsageError where there is not exactly one."""
    found = [evaluation for evaluation in facts.evaluations if evaluation.stage == facts.scored_stage]
    if len(found) != 1:
        raise UsageError(f"{len(found)} evaluations of the scored stage {facts.scored_stage!r}: there must be one")
    return found[0]


def build_run(facts: RunFacts, score: Score, stages: tuple[StageRate, ...]) -> LeaderboardRun:
    """Return the run with its id, status and digest. ``score`` and ``stages`` are those of ``facts``' evaluations.

    Raises UsageError for a number that JSON cannot hold.
    """
    evaluation = scored_evaluation(facts)
    status, reason = standing(score, facts.exhibition)
    run = LeaderboardRun(
        id=run_id(facts, score),
        digest="",
        entry=facts.entry,
        job=facts.job,
        recipe=facts.recipe,
        suite=Pin(name=evaluation.suite, digest=evaluation.suite_digest),
        base_model=facts.base_model,
        checkpoint=evaluation.checkpoint,
        seed=facts.seed,
        attempt=facts.attempt,
        status=status,
        reason=reason,
        baseline=facts.baseline,
        evaluations=facts.evaluations,
        scored_stage=facts.scored_stage,
        score=score,
        stages=stages,
        curves=facts.curves,
        trials=facts.trials,
        versions=facts.versions,
        hardware=facts.hardware,
        wall_sec=facts.wall_sec,
        checkpoint_steps=facts.checkpoint_steps,
        gpu_hours=facts.gpu_hours,
        cost_usd=facts.cost_usd,
        sources=facts.sources,
    )
    refuse_non_finite(to_document(run), where=run.id)
    return replace(run, digest=said_digest(run))


def run_id(facts: RunFacts | LeaderboardRun | SealedRun, score: Score) -> str:
    """Return ``<entry>-<12 hex>``: the same run has the same id wherever it is collected."""
    what = [facts.entry.digest, facts.job, facts.attempt, facts.seed, score.entry_evaluation, score.baseline_evaluation]
    return f"{facts.entry.name}-{digest(what).removeprefix('sha256:')[:12]}"


def standing(score: Score, exhibition: str) -> tuple[Status, str]:
    """Return whether a run competes, and the reason where it does not."""
    if exhibition:
        return "exhibition", exhibition
    if score.lost.share > MAX_LOST_SHARE:
        return "exhibition", f"{score.lost.share:.1%} of the trials of one side were lost; the limit is 2%"
    return "ranked", ""
