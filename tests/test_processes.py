"""Work in many processes gives what one gives, in its order; a process that dies is told, never waited for."""

from __future__ import annotations

import os

import pytest

from posttrain_arena.adapters.processes import FEW, in_processes
from posttrain_arena.errors import ArenaError


@pytest.mark.parametrize("count", [0, 1, FEW - 1, FEW, 2 * FEW + 3, 3000])
def test_many_processes_make_what_one_would(count: int) -> None:
    items = [(number, lambda number=number: number**2) for number in range(count)]  # functions cannot be sent
    assert list(in_processes(lambda item: (item[0], item[1]()), items)) == [(n, n**2) for n in range(count)]


def test_the_work_is_shared() -> None:
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("one core: nothing to share among")
    assert os.getpid() not in set(in_processes(lambda _: os.getpid(), range(FEW)))


def test_what_one_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_processes(lambda number: 1 // number, range(-FEW, FEW)))


def test_a_process_that_dies_is_told() -> None:
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("one core: no process of its own")
    with pytest.raises(ArenaError, match="ended before its time"):
        list(in_processes(lambda number: os._exit(1) if number == FEW else number, range(2 * FEW)))
