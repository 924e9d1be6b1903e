"""End what runs on the engine when the command is told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stops_at_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at the first of SIGNALS and raise KeyboardInterrupt; signals that are ignored stay ignored.

    The workers' pools are left only when their trials are over, so the containers must end first. ``stop`` runs in a
    thread that waits from the start: a handler may not take a lock, and starting a thread takes some.
    """
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return
    told: SimpleQueue[bool] = SimpleQueue()

    def wait() -> None:
        if told.get():
            stop()

    threading.Thread(target=wait, name="interruption", daemon=True).start()
    before = {one: earlier for one in SIGNALS if (earlier := signal.getsignal(one)) not in (signal.SIG_IGN, None)}

    def handle(number: int, frame: FrameType | None) -> None:
        told.put(True)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)
        raise KeyboardInterrupt

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
        told.put(False)
