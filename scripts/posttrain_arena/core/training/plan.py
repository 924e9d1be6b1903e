"""Which trials a GRPO step asks for: fixed by recipe and seed before the first of them runs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from posttrain_arena.errors import TrainingError
from posttrain_arena.model.seeds import derive_seed


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutRequest:
    """One trial of a step: ``generation`` counts the step's trials of the task from 0."""

    step: int
    task: str
    generation: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """The groups of one step, and more groups in the order in which they stand in for groups without variance."""

    groups: tuple[tuple[RolloutRequest, ...], ...]
    reserve: tuple[tuple[RolloutRequest, ...], ...]


class Plan:
    """The steps of a run. Every step takes its own slice of one endless list: all tasks, shuffled anew each round.

    So a step's trials depend on nothing that happened before but the tasks that were given up.
    """

    def __init__(self, tasks: Sequence[str], *, seed: int, groups: int, reserve: int, generations: int) -> None:
        self._tasks = list(tasks)
        self._seed = seed
        self._groups = groups
        self._reserve = reserve
        self._generations = generations
        self._order: list[str] = []

    def step(self, number: int, *, without: Collection[str] = ()) -> StepPlan:
        """Return the trials of step ``number``, from 0; raises TrainingError where every task was given up."""
        width = self._groups + self._reserve
        self._extend((number + 1) * width)
        kept = [task for task in self._order[number * width : (number + 1) * width] if task not in without]
        others = [task for task in self._tasks if task not in without]
        if not others:
            told = f"every task was given up by step {number}: no trial of any can be scored"
            raise TrainingError(told, owner="author")
        while len(kept) < self._groups:
            kept.append(others[(number + len(kept)) % len(others)])
        seen: Counter[str] = Counter()
        groups = [self._group(number, task, seen) for task in kept]
        return StepPlan(groups=tuple(groups[: self._groups]), reserve=tuple(groups[self._groups :]))

    def _group(self, step: int, task: str, seen: Counter[str]) -> tuple[RolloutRequest, ...]:
        first = seen[task]
        seen[task] += self._generations
        return tuple(
            RolloutRequest(
                step=step,
                task=task,
                generation=generation,
                seed=derive_seed(self._seed, "grpo", step, task, generation),
            )
            for generation in range(first, first + self._generations)
        )

    def _extend(self, count: int) -> None:
        while len(self._order) < count:
            rng = random.Random(derive_seed(self._seed, "order", len(self._order)))  # noqa: S311 (not for secrets)
            self._order += rng.sample(self._tasks, len(self._tasks))
