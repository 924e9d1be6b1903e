"""Keep what an agent prints: its beginning and its end, whatever it prints in between."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path

HEAD_BYTES = 4 << 20
TAIL_BYTES = 4 << 20


class Trace:
    """Bytes in order; between head and tail is a line that says how many are missing."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._held = self._dropped = 0
        self._lock = threading.Lock()

    def add(self, chunk: bytes) -> None:
        """Take what was printed."""
        with self._lock:
            room = HEAD_BYTES - len(self._head)
            self._head += chunk[: max(0, room)]
            rest = chunk[max(0, room) :]
            if rest:
                self._tail.append(rest)
                self._held += len(rest)
            while self._held - (len(self._tail[0]) if self._tail else 0) > TAIL_BYTES:
                gone = self._tail.popleft()
                self._held -= len(gone)
                self._dropped += len(gone)

    def write(self, path: Path) -> None:
        """Write what was kept."""
        with self._lock:
            missing = f"\n… {self._dropped} bytes left out …\n".encode() if self._dropped else b""
            path.write_bytes(bytes(self._head) + missing + b"".join(self._tail))
