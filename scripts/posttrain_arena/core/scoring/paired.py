"""Evaluations checked and paired, task by task, as exact fractions."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from posttrain_arena.errors import UsageError
from posttrain_arena.model.evaluation import Evaluation, TaskRewards

PASSES = frozenset({0.0, 1.0})
MAX_DENOMINATOR = 1000
ROUND_OFF = 1e-12
"""A reward this near to a fraction of a denominator up to 1000 is that fraction (0.1 is one tenth)."""

Tasks = dict[str, TaskRewards]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTask:
    """Mean rewards of one task on both sides; the extremes say what they would be with every lost trial passed."""

    id: str
    domain: str
    group: str
    entry: Fraction
    baseline: Fraction
    entry_if_passed: Fraction
    baseline_if_passed: Fraction

    @property
    def difference(self) -> Fraction:
        """Return d_i = mean_j x_ij - mean_j y_ij."""
        return self.entry - self.baseline


def pair(entry: Evaluation, baseline: Evaluation) -> tuple[PairedTask, ...]:
    """Pair two evaluations of one suite, sorted by task id.

    Raises UsageError for every kind of bad input named in ``docs/design.md``; a pair is never dropped.
    """
    ours, theirs = aligned(entry, baseline, sides=("the entry's evaluation", "the baseline's evaluation"))
    return tuple(_paired(ours[name], theirs[name]) for name in sorted(ours))


def aligned(first: Evaluation, second: Evaluation, *, sides: tuple[str, str]) -> tuple[Tasks, Tasks]:
    """Return both evaluations' tasks by id; raises UsageError, naming ``sides``, where they are not of one suite."""
    ours, theirs = check(first, sides[0]), check(second, sides[1])
    if first.suite_digest != second.suite_digest:
        raise UsageError(
            f"the suite digests differ: {sides[0]} is of {first.suite_digest}, {sides[1]} of {second.suite_digest}: "
            "evaluate both on the same suite"
        )
    _same_tasks(ours, theirs, sides)
    return ours, theirs


def check(evaluation: Evaluation, side: str) -> Tasks:
    """Return the tasks by id; raises UsageError naming ``side``, task and trial where something is wrong."""
    if not evaluation.tasks:
        raise UsageError(f"{side} holds no task: an empty set has no score; evaluate the suite first")
    counts = Counter(task.id for task in evaluation.tasks)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise UsageError(f"{side}: task {twice!r} appears {counts[twice]} times: duplicate trials; keep one entry")
    trials = evaluation.trials_per_task
    for task in evaluation.tasks:
        if task.lost or len(task.rewards) != trials or not PASSES.issuperset(task.rewards):
            _check_task(task, trials=trials, where=f"{side}: task {task.id!r}")
    return {task.id: task for task in evaluation.tasks}


def mean(values: Sequence[Fraction]) -> Fraction:
    """Return the exact mean, over one common denominator: adding fractions one by one reduces each sum."""
    whole = math.lcm(*(value.denominator for value in values))
    return Fraction(sum(value.numerator * (whole // value.denominator) for value in values), whole * len(values))


def exact(reward: float) -> Fraction:
    """Return the fraction that ``reward`` stands for."""
    if reward in PASSES:
        return Fraction(int(reward))
    near = Fraction(reward).limit_denominator(MAX_DENOMINATOR)
    return near if abs(float(near) - reward) <= ROUND_OFF else Fraction(reward)


def task_rate(task: TaskRewards) -> Fraction:
    """Return the mean reward of one task."""
    return _rate(task.rewards)


@functools.lru_cache(maxsize=1 << 16)
def _rate(rewards: tuple[float, ...]) -> Fraction:
    """Remember rates: a board of a thousand entries has few different tuples of passes and fails."""
    return mean([exact(reward) for reward in rewards])


def _check_task(task: TaskRewards, *, trials: int, where: str) -> None:
    if len(task.rewards) > trials:
        raise UsageError(
            f"{where}: {len(task.rewards)} rewards for {trials} trials: duplicate trials; keep each trial once"
        )
    if len(task.rewards) < trials:
        raise UsageError(f"{where}: {len(task.rewards)} rewards for {trials} trials: list a lost trial as 0.0")
    for attempt, reward in enumerate(task.rewards):
        _check_reward(reward, f"{where}, trial {attempt}")
    lost = [trial.attempt for trial in task.lost]
    if len(set(lost)) < len(lost):
        raise UsageError(f"{where}: a lost trial is listed twice: duplicate trials; keep each once")
    for attempt in lost:
        if not 0 <= attempt < trials or task.rewards[attempt] != 0.0:
            raise UsageError(f"{where}: lost trial {attempt} must be one of its trials, with reward 0.0")


def _check_reward(reward: float, where: str) -> None:
    if math.isnan(reward):
        raise UsageError(f"{where}: the reward is NaN: a trial without a number is a lost trial with reward 0.0")
    if math.isinf(reward):
        raise UsageError(f"{where}: the reward is infinite: rewards are numbers from 0 to 1")
    if not 0.0 <= reward <= 1.0:
        raise UsageError(f"{where}: the reward {reward} is outside [0, 1]: rewards are numbers from 0 to 1")


def _same_tasks(ours: Tasks, theirs: Tasks, sides: tuple[str, str]) -> None:
    for name in sorted(set(ours) ^ set(theirs)):
        side = sides[1] if name in ours else sides[0]
        raise UsageError(f"task {name!r} is missing in {side}: evaluate it; a pair is never dropped")
    for name, task in ours.items():
        other = theirs[name]
        if (task.digest, task.domain, task.group) == (other.digest, other.domain, other.group):
            continue
        for field in ("digest", "domain", "group"):
            if getattr(task, field) != getattr(other, field):
                raise UsageError(
                    f"task {name!r}: its {field} differs between the evaluations "
                    f"({getattr(task, field)} and {getattr(other, field)}): evaluate both on the same suite"
                )


def _paired(ours: TaskRewards, theirs: TaskRewards) -> PairedTask:
    entry, baseline = task_rate(ours), task_rate(theirs)
    return PairedTask(
        id=ours.id,
        domain=ours.domain,
        group=ours.group,
        entry=entry,
        baseline=baseline,
        entry_if_passed=_if_passed(entry, ours),
        baseline_if_passed=_if_passed(baseline, theirs),
    )


def _if_passed(rate: Fraction, task: TaskRewards) -> Fraction:
    return rate + Fraction(len(task.lost), len(task.rewards)) if task.lost else rate
