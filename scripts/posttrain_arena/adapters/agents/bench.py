"""The container that an agent works in: what is mounted, what it is told, how it is started and ended."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posttrain_arena.adapters.agents.python_mounts import BIN, python_mounts, write_launchers
from posttrain_arena.adapters.agents.trace import Trace
from posttrain_arena.adapters.docker_engine.disk_guard import DiskGuard
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.docker_engine.images import SHARED_BASE
from posttrain_arena.adapters.docker_engine.workbench import Workbench, WorkbenchPlan
from posttrain_arena.core.agents.lines import encode_lines
from posttrain_arena.core.agents.told import ARENA, FINAL_MODEL, WARNING
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.agent_run import ExitReason, Snapshot
from posttrain_arena.model.benchmark import BenchmarkCard, Item
from posttrain_arena.model.places import WORKSPACE
from posttrain_arena.model.task import Limits
from posttrain_arena.model.trial import Usage

KIT = Path(__file__).with_name("kit")
PATH = f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SOCKET = "scoring.sock"
PROCESSES = 512
GPU_PROCESSES = 4096
"""Threads count too, and training on a GPU starts hundreds; a fork bomb ends here."""


NO_CACHES = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Else Python writes thousands of files into an image whose packages were not compiled, and all have to be copied."""

Keys = tuple[Mapping[str, Any], ...]
"""The settings of a side-car, one for each provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a container may use. Another image than the shared one brings its own Python with torch and transformers."""

    image: str = SHARED_BASE
    cpus: float = 2.0
    memory_mb: int = 8192
    storage_mb: int = 4096
    hosts: tuple[str, ...] = ()
    gpus: bool = False

    @property
    def limits(self) -> Limits:
        """Return them as a task's limits."""
        return Limits(
            cpus=min(self.cpus, float(os.cpu_count() or 1)),
            memory_mb=self.memory_mb,
            storage_mb=self.storage_mb,
            network="allowlist",
            allowed_hosts=self.hosts,
        )

    def mounts(self, tools: Path) -> dict[str, Path]:
        """Return the mounts of Python and of the arena's tools, which are written to ``tools``."""
        files = (file for pattern in ("*", "answering/*.py") for file in KIT.glob(pattern) if file.is_file())
        write_launchers(tools, {str(file.relative_to(KIT)): file for file in files}, offline=not self.hosts)
        if self.image != SHARED_BASE:
            (tools / "python").write_text('#!/bin/sh\nexec python3 "$@"\n', encoding="utf-8")
            return {BIN: tools}
        return {**python_mounts(), BIN: tools}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The folders of one run on this machine that its container sees, read-only."""

    folder: Path
    agent: Path
    base: Path

    @property
    def socket(self) -> Path:
        """Where the scoring service listens."""
        return self.folder / "run" / SOCKET

    def mounts(self) -> dict[str, Path]:
        """Return them by their place in the container."""
        return {
            f"{ARENA}/run": self.folder / "run",
            f"{ARENA}/dev": self.folder / "dev",
            f"{ARENA}/agent": self.folder / "agent",
            f"{ARENA}/base_model": self.base.resolve(),
        }


@contextmanager
def open_desk(agent: Path, base: Path, card: BenchmarkCard, dev: Sequence[Item]) -> Iterator[Desk]:
    """Lay out what an agent is given; its path is short, since sockets' paths are."""
    with tempfile.TemporaryDirectory(prefix="arena-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("run", "dev", "agent"):
            (folder / part).mkdir()
        for file in sorted(agent.rglob("*")):
            if file.is_file() and not file.is_symlink():
                target = folder / "agent" / file.relative_to(agent)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                target.chmod(0o755 if file.suffix == ".sh" or file.stat().st_mode & 0o111 else 0o644)
        documents.write_document(folder / "dev" / "benchmark.json", card)
        documents.write_bytes(folder / "dev" / "dev.jsonl", encode_lines(dev))
        yield Desk(folder=folder, agent=agent, base=base)


@dataclass(slots=True, kw_only=True)
class AgentBench:
    """Implements ``core.agents.supervisor.Bench`` on a container."""

    bench: Workbench
    guard: DiskGuard
    desk: Desk
    environment: Mapping[str, str]
    trace: Trace
    before_end: Callable[[], None] = lambda: None
    usage: Usage = field(default_factory=Usage)
    _killed: bool = False

    def start(self, number: int, left_sec: float) -> None:
        """Start solve.sh."""
        own = {"ARENA_START": str(number), "ARENA_LEFT_SEC": str(int(left_sec)), "PATH": PATH, **NO_CACHES}
        self.bench.start([f"{ARENA}/agent/solve.sh"], {**self.environment, **own}, self.trace.add)

    def status(self) -> int | None:
        """Return solve.sh's exit status, None while it runs."""
        return self.bench.status()

    def ended_by(self) -> ExitReason | None:
        """Return the limit that the container was ended for."""
        return self.bench.ended_by(self.guard)

    def tell_left(self, left_sec: float) -> None:
        """Write when the time is over, by the clock that the container shares with this machine."""
        text = f"{math.floor(time.time() + left_sec)}\n".encode()
        documents.write_bytes(self.desk.folder / "run" / "deadline", text)

    def warn(self, left_sec: float) -> None:
        """Write the warning beside the time that ``timer`` reads."""
        text = f"{math.floor(left_sec)} seconds are left: save {WORKSPACE}/{FINAL_MODEL} now\n".encode()
        documents.write_bytes(self.desk.folder / "run" / WARNING, text)

    def frozen(self, look: Callable[[], Snapshot | None]) -> Snapshot | None:
        """Look while nothing runs."""
        with self.bench.frozen():
            return look()

    def terminate(self) -> None:
        """Send TERM to all of the agent."""
        self.bench.terminate()

    def kill(self) -> None:
        """Read what was used and what ends with the container, then end it."""
        if not self._killed:
            self._killed = True
            self.usage = self.bench.usage()
            try:
                self.before_end()
            finally:
                self.bench.kill()


class SystemClock:
    """Monotonic time of this machine."""

    def now(self) -> float:
        """Return seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@contextmanager
def open_bench(
    engine: DockerEngine, machine: Machine, desk: Desk, *, environment: Mapping[str, str], keys: Keys
) -> Iterator[AgentBench]:
    """Give the container of a run; raises ArenaError where Python or its packages do not run in it."""
    mounts = {**desk.mounts(), **machine.mounts(desk.folder / "bin")}
    plan = WorkbenchPlan(
        image=machine.image,
        limits=machine.limits,
        mounts=mounts,
        egress=True,
        gpus=machine.gpus,
        processes=GPU_PROCESSES if machine.gpus else PROCESSES,
        keys=keys,
    )
    with engine.workbench(plan) as (bench, guard):
        require_python(bench, machine)
        yield AgentBench(bench=bench, guard=guard, desk=desk, environment=environment, trace=Trace())


_PROBE = """
import numpy, safetensors, tokenizers
from importlib.util import find_spec
missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
raise SystemExit(f"there is no {missing}" if missing else 0)
"""
"""Compiled packages load, and the large ones are there; importing those too would take seconds."""


def require_python(bench: Workbench, machine: Machine) -> None:
    """Raise ArenaError where Python or the packages that training needs are not to be had in the container."""
    status, said = bench.run([f"{BIN}/python", "-c", _PROBE])
    if status != 0:
        raise ArenaError(
            f"Python with torch and transformers does not run in {machine.image}: {said.strip()[-500:]}\n"
            "run `make setup`, or name an image that has them with --image"
        )
