"""Share work out among processes, one for each core that this process may use."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from posttrain_arena.errors import ArenaError

S = TypeVar("S")
T = TypeVar("T")

FEW = 48
"""Below this, starting processes costs more than it saves."""

MAX_BATCH = 64

_inherited: list[tuple[Callable[[Any], Any], Sequence[Any]]] = []
"""What a process does, and to what: inherited, since neither templates nor functions in functions can be sent."""


def in_processes(work: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
    """Yield what ``work`` returns for each item, in the order of ``items``; only what it returns is sent.

    Raises ArenaError where a process dies, which no item can cause by what is in it short of exhausting the machine.
    """
    waiting = list(items)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(waiting) < FEW or cores == 1:
        yield from map(work, waiting)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    size = min(MAX_BATCH, 1 + len(waiting) // (8 * cores))
    batches = [range(start, min(start + size, len(waiting))) for start in range(0, len(waiting), size)]
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(cores, mp_context=context, initializer=_begin, initargs=(work, waiting)) as pool:
            for done in pool.map(_batch, batches):
                yield from done
    except BrokenProcessPool as error:
        raise ArenaError("a working process ended before its time: is the machine out of memory?") from error


def _begin(work: Callable[[Any], Any], items: Sequence[Any]) -> None:
    gc.freeze()
    gc.disable()
    _inherited.append((work, items))


def _batch(numbers: range) -> list[Any]:
    """Work on a few items in a process that does nothing else, and collect what they left in one go."""
    work, items = _inherited[0]
    done = [work(items[number]) for number in numbers]
    gc.collect()
    return done
