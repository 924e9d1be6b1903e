"""Share something of the machine out among trials: its cores, its memory."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_ROUNDING = 1e-9

_RESERVED = 4
"""One part in so many of a machine that serves or trains a model is no trial's. Of 128 GB that is 32: 16 of an 8B
model's weights while they are loaded, and two processes with their libraries and pinned buffers; of 16 cores the four
that trainer, server, engine and the arena keep busy. A smaller machine has a smaller model."""


def for_trials(whole: int) -> int:
    """Return what trials may have of a machine's cores or memory beside a model."""
    return whole - whole // _RESERVED


class Supply:
    """So much of something; who asks first is served first, so that a task which wants much is not passed over."""

    def __init__(self, count: float) -> None:
        self.count = count
        self._free = count
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, amount: float) -> Iterator[float]:
        """Hold ``amount``, or all there is where more is wanted, for as long as the context lasts.

        Gives the seconds that it was waited for.
        """
        wanted, ticket, began = min(amount, self.count), object(), time.monotonic()
        with self._changed:
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: self._waiting[0] is ticket and self._free >= wanted - _ROUNDING)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            self._free -= wanted
        try:
            yield time.monotonic() - began
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()


UNLIMITED = Supply(math.inf)
"""Where something else bounds how many trials run at once."""
