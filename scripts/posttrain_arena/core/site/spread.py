"""Make the files of many runs in as many processes as there are cores."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator

from posttrain_arena.errors import ArenaError

Files = list[tuple[str, bytes]]
FEW = 64
"""Below this, starting processes costs more than it saves."""
BATCH = 32

_made: list[Callable[[int], Files]] = []
"""What a process makes; it is inherited, since neither templates nor functions can be sent."""


def spread(make: Callable[[int], Files], count: int) -> Iterator[tuple[str, bytes]]:
    """Yield the files that ``make`` returns for 0, 1, … up to ``count``, in that order."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if count < FEW or cores == 1:
        for number in range(count):
            yield from make(number)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    batches = [range(start, min(start + BATCH, count)) for start in range(0, count, BATCH)]
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(cores, mp_context=context, initializer=_begin, initargs=(make,)) as pool:
            for files in pool.map(_batch, batches):
                yield from files
    except BrokenProcessPool as error:
        raise ArenaError("a process that writes pages ended before its time: is the machine out of memory?") from error


def _begin(make: Callable[[int], Files]) -> None:
    gc.freeze()
    _made.append(make)


def _batch(numbers: range) -> Files:
    return [file for number in numbers for file in _made[0](number)]
