"""Share the machine's cores out among trials, each of which takes what its task declares."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_ROUNDING = 1e-9


class Cores:
    """So many CPU cores; who asks first is served first, so that a task which wants many is not passed over."""

    def __init__(self, count: float) -> None:
        self.count = count
        self._free = count
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, cpus: float) -> Iterator[None]:
        """Hold ``cpus`` cores, or all there are where the task wants more, for as long as the context lasts."""
        wanted, ticket = min(cpus, self.count), object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: self._waiting[0] is ticket and self._free >= wanted - _ROUNDING)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            self._free -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()


UNLIMITED = Cores(math.inf)
"""Where something else bounds how many trials run at once."""
