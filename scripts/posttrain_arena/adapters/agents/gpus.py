"""Sample the machine's GPUs from outside the agent's container."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections import defaultdict

from posttrain_arena.model.agent_run import Gpu

PERIOD_SEC = 5.0
_QUERY = ["nvidia-smi", "--query-gpu=index,name,utilization.gpu,memory.used", "--format=csv,noheader,nounits"]


class GpuSampler:
    """Samples in a thread of its own while the context lasts; without nvidia-smi there is nothing to sample."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._busy: dict[str, list[float]] = defaultdict(list)
        self._peak: dict[str, float] = defaultdict(float)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="gpus", daemon=True)

    def __enter__(self) -> GpuSampler:
        if shutil.which(_QUERY[0]):
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * PERIOD_SEC)

    def gpus(self) -> tuple[Gpu, ...]:
        """Return one entry per device that was seen."""
        return tuple(
            Gpu(
                name=self._names[index],
                mean_utilisation=round(sum(self._busy[index]) / len(self._busy[index]) / 100, 4),
                peak_memory_mb=self._peak[index],
            )
            for index in sorted(self._names)
        )

    def _sample(self) -> None:
        while not self._over.wait(PERIOD_SEC):
            try:
                done = subprocess.run(_QUERY, capture_output=True, text=True, timeout=PERIOD_SEC, check=True)
            except (subprocess.SubprocessError, OSError):
                continue  # the next sample may come through
            for line in done.stdout.splitlines():
                self.note(line)

    def note(self, line: str) -> None:
        """Take one line of the tool: index, name, busy percent, memory in MB; odd ones are passed over."""
        parts = [part.strip() for part in line.split(",")]
        try:
            index, name, busy, memory = parts[0], parts[1], float(parts[2]), float(parts[3])
        except (IndexError, ValueError):
            return
        self._names[index] = name
        self._busy[index].append(busy)
        self._peak[index] = max(self._peak[index], memory)
