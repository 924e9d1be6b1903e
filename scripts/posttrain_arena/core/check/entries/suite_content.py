"""See whether skills repeat tasks of the public sample: their prompts, their solutions, their answers."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from posttrain_arena.core.check.entries.folders import packages_in
from posttrain_arena.core.check.overlap import Part, matches, read_part
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.overlap import Kind

_WORDS: dict[Kind, str] = {
    "same-task": "is the task",
    "near-task": "is nearly the task",
    "prompt": "repeats the prompt of",
    "solution": "repeats the solution or the answers of",
    "file": "has a file of",
}


def suite_content(skills: Sequence[Path], sample: Path) -> Iterator[tuple[int, Problem]]:
    """Yield which skills repeat a task of the sample, and what of it; of each skill the first."""
    tasks = _tasks(sample)
    for index, path in enumerate(skills):
        part = read_part(path)
        for match in (match for task in tasks for match in matches(part, task)):
            what = f"the skill {_WORDS[match.kind]} {match.task}, a task of the public sample"
            how = "teach how such work is done, and leave the task itself out"
            yield index, Problem(rule="skill-suite", spot=Spot(path=".", what=what, how=how))
            break


@functools.cache
def _tasks(sample: Path) -> tuple[Part, ...]:
    return tuple(read_part(path) for path in packages_in(sample))
