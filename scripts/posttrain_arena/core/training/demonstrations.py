"""Collect demonstrations: a teacher tries every task until its verifier passes it, or its attempts are used up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from posttrain_arena.model.demonstrations import DemonstratedTask, Demonstrations
from posttrain_arena.model.recipe import ChatTeacher, Teacher
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

ORACLE = "oracle"

Round: TypeAlias = Callable[[Sequence[TaskPackage], int], list[Trial]]
"""Runs one trial of each of the tasks, under the number of the attempt; returns them in order."""


def demonstrate(tasks: Sequence[TaskPackage], attempts: int, run: Round) -> list[Trial]:
    """Return the trials of a teacher: of every task up to ``attempts``, none after one that passed."""
    trials: list[Trial] = []
    unsolved = list(tasks)
    for attempt in range(attempts):
        ran = run(unsolved, attempt)
        trials += ran
        unsolved = [task for task, trial in zip(unsolved, ran, strict=True) if not trial.passed]
        if not unsolved:
            break
    return trials


def told(
    tasks: Sequence[TaskPackage], trials: Sequence[Trial], teacher: Teacher, *, again: Sequence[Trial] = ()
) -> Demonstrations:
    """Return attempts, passes and cost of every task; trials that were lost and run ``again`` are paid for too."""
    rows = tuple(
        _row(task.name, [one for one in trials if one.task == task.name], [*trials, *again], teacher.chat)
        for task in tasks
    )
    return Demonstrations(teacher=ORACLE if teacher.chat is None else teacher.chat.model, tasks=rows)


def _row(task: str, trials: Sequence[Trial], paid: Sequence[Trial], chat: ChatTeacher | None) -> DemonstratedTask:
    turns = [turn for trial in paid if trial.task == task for turn in trial.trajectory if turn.role == "assistant"]
    read = sum(turn.prompt_tokens or 0 for turn in turns)
    wrote = sum(turn.completion_tokens or 0 for turn in turns)
    cost = 0.0 if chat is None else (read * chat.prompt_price + wrote * chat.completion_price) / 1e6
    return DemonstratedTask(
        task=task,
        attempts=len(trials),
        passed=sum(trial.passed for trial in trials),
        lost=sum(trial.lost for trial in trials),
        prompt_tokens=read,
        completion_tokens=wrote,
        cost_usd=round(cost, 6),
    )
