"""Trials take the cores that their tasks declare, and no more than there are."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posttrain_arena.core.trial.supply import Supply, for_trials


@given(st.floats(min_value=0.5, max_value=4), st.lists(st.floats(min_value=0.1, max_value=9), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_no_more_is_taken_than_there_is(count: float, wanted: list[float]) -> None:
    cores, lock = Supply(count), threading.Lock()
    held, most = [0.0], [0.0]

    def work(cpus: float) -> None:
        with cores.taken(cpus):
            with lock:
                held[0] += min(cpus, count)
                most[0] = max(most[0], held[0])
            time.sleep(0.0005)
            with lock:
                held[0] -= min(cpus, count)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, wanted))
    assert held[0] == pytest.approx(0)
    assert most[0] <= count + 1e-6


def test_a_task_that_wants_all_is_not_passed_over() -> None:
    cores, order = Supply(2), list[str]()
    first = threading.Event()

    def work(name: str, cpus: float) -> None:
        with cores.taken(cpus):
            order.append(name)
            first.wait(5)

    threads = [threading.Thread(target=work, args=one) for one in (("small", 1), ("whole", 2), ("late", 1))]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    assert order == ["small"]  # there is a core left, and the task that wants both is before the late one
    first.set()
    for thread in threads:
        thread.join(5)
    assert order == ["small", "whole", "late"]


def test_what_is_raised_inside_gives_the_cores_back() -> None:
    cores = Supply(1)
    with pytest.raises(ValueError, match="lost"), cores.taken(1):
        raise ValueError("lost")
    with cores.taken(1):
        assert cores.count == 1


def test_the_wait_is_told() -> None:
    cores, held = Supply(1), threading.Event()

    def hold() -> None:
        with cores.taken(1) as waited_sec:
            assert waited_sec < 0.1
            held.set()
            time.sleep(0.3)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(5)
        with cores.taken(1) as waited_sec:
            assert 0.2 < waited_sec < 2
        holding.result()


@given(st.integers(min_value=1, max_value=1 << 20))
def test_trials_have_most_of_a_machine_and_never_nothing(whole: int) -> None:
    assert 0.75 * whole <= for_trials(whole) <= whole
