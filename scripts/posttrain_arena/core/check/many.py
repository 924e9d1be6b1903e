"""Check many packages in one go: side by side, each in bounded memory, none hiding what is wrong with another."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from posttrain_arena.core.check.read import check_draft
from posttrain_arena.core.check.sketch import Sketch, sketch_of
from posttrain_arena.core.check.summary import package_subject
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.report import Level, Subject

FEW = 48
"""Below this, starting processes costs more than it saves."""

BATCH = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found in one package, and its sketch, which is None where it cannot be read."""

    subject: Subject
    sketch: Sketch | None


def judge(path: Path, *, root: Path, competition: Competition, level: Level) -> Judged:
    """Check one package."""
    checked, draft = check_draft(path, root=root, competition=competition, level=level)
    sketch = sketch_of(draft) if draft is not None and level != "schema" else None
    return Judged(subject=package_subject(checked, root=root), sketch=sketch)


def judge_all(paths: Iterable[Path], judge_one: Callable[[Path], T]) -> Iterator[T]:
    """Yield what ``judge_one`` says of each package, in the order of ``paths``.

    Many packages are shared out among processes, one for each core this process may use. Raises ArenaError where one
    of them dies, which no package can cause by what is in it short of exhausting the machine.
    """
    waiting = list(paths)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(waiting) < FEW or cores == 1:
        yield from map(judge_one, waiting)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    batches = [waiting[start : start + BATCH] for start in range(0, len(waiting), BATCH)]
    try:
        with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("fork"), initializer=gc.freeze) as pool:
            for judged in pool.map(partial(_judge_batch, judge_one), batches):
                yield from judged
    except BrokenProcessPool as error:
        raise ArenaError("a checking process ended before its time: is the machine out of memory?") from error


def _judge_batch(judge_one: Callable[[Path], T], paths: list[Path]) -> list[T]:
    """Check a few packages in a process that does nothing else, and collect what they left in one go."""
    gc.disable()
    judged = [judge_one(path) for path in paths]
    gc.collect()
    return judged
