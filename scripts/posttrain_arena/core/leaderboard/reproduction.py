"""Compare what was done again with what was published: rewards one by one, curves step by step."""

from __future__ import annotations

import math
from collections.abc import Sequence

from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import Series

CLOCKED = frozenset({"trials_per_sec", "step_sec", "sync_gap", "timeouts", "lost_trials"})
"""Curves of a machine's pace and of what servers round: they differ from one run to the next."""

TOLERANCE = 1e-6


def rewards_differ(wanted: Evaluation, found: Evaluation) -> str:
    """Return how the rewards of an evaluation differ from what was published; "" where they do not."""
    before = {task.id: (task.digest, task.rewards) for task in wanted.tasks}
    after = {task.id: (task.digest, task.rewards) for task in found.tasks}
    others = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if not others:
        return ""
    rates = " and ".join(f"{_rate(one):.4f}" for one in (wanted, found))
    return f"{len(others)} of {len(before)} tasks have other rewards, first {others[0]}; mean reward {rates}"


def steady(curves: Sequence[Series]) -> list[Series]:
    """Return the curves that the job alone decides."""
    return [curve for curve in curves if curve.name not in CLOCKED]


def curves_differ(wanted: Sequence[Series], found: Sequence[Series]) -> str:
    """Return the first curve that is not what was published; "" where all are."""
    again = {(curve.stage, curve.name): curve for curve in found}
    for curve in steady(wanted):
        other = again.get((curve.stage, curve.name))
        if other is None or other.steps != curve.steps:
            return f"{curve.stage} {curve.name}: has other steps"
        for step, left, right in zip(curve.steps, curve.values, other.values, strict=True):
            if not _same(left, right):
                return f"{curve.stage} {curve.name}: is {right} at step {step}, and was {left}"
    return ""


def _same(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _rate(evaluation: Evaluation) -> float:
    rewards = [reward for task in evaluation.tasks for reward in task.rewards]
    return sum(rewards) / len(rewards)
