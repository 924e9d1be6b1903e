"""A short run of the whole loop that nothing happened to, and commands that go on from parts of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from private_engine import PrivateEngine

from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.model import documents
from posttrain_arena.model.node_report import NodeReport

ARENA = Path(sys.executable).with_name("arena")
WAIT_SEC = 300
END_SEC = 60
"""How long a command that is told to end, or meets a fault, may take: it waits for its model server."""

Words = Sequence[str | Path]

_SHARED = ("demonstrations", "evaluation-base")
_CLOCKS = ("_sec", "_time", "_per_sec")
"""How the metrics end that no two runs have in common."""


@dataclass(frozen=True)
class Whole:
    """An unbroken `arena demo --short`: ``folder`` has entry, suite, job and every stage."""

    engine: str
    folder: Path

    @property
    def bases(self) -> Path:
        return self.folder.parent / "bases"

    def stage(self, name: str) -> Path:
        return self.folder / ("shared" if name in _SHARED else "seed-0") / name

    def begun(self, out: Path, *stages: str) -> Path:
        """Make ``out`` a run in which these stages are done."""
        for name in stages:
            shutil.copytree(self.stage(name), out / name)
        return out

    def post_train(self, out: Path) -> Words:
        return [ARENA, "post-train", self.folder / "seed-0" / "job.json", *self._to(out)]

    def evaluate(self, out: Path, checkpoint: Path) -> Words:
        job, suite = self.folder / "seed-0" / "job.json", self.folder / "suite"
        return [ARENA, "evaluate", job, "--suite", suite, "--checkpoint", checkpoint, *self._to(out)]

    def node(self, out: Path, job: Path | None = None) -> Words:
        """Train as a rented machine does: what goes wrong is told in a report."""
        job = job or self.folder / "seed-0" / "job.json"
        return [ARENA, "node", "post-train", "--job", job, *self._to(out)]

    def ended(self, command: Words, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        told = self._environment(environment)
        return subprocess.run(command, env=told, capture_output=True, text=True, timeout=WAIT_SEC, check=False)

    @contextmanager
    def started(self, command: Words, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command; killed at the end where it still runs."""
        told = self._environment(environment)
        with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {"TORCHINDUCTOR_CACHE_DIR": str(self.folder.parent / "torch")}  # else it lies among temporary files
        return os.environ | {"DOCKER_HOST": self.engine} | kept | more

    def _to(self, out: Path) -> Words:
        return ["--out", out, "--bases", self.bases]


def unbroken(private: PrivateEngine, out: Path) -> Whole:
    """Run the demo, and let nothing happen to it."""
    whole = Whole(engine=private.url, folder=out / "short")
    result = whole.ended(demo(out))
    assert result.returncode == 0, result.stderr
    return whole


def demo(out: Path) -> Words:
    """Return the command of the whole loop, from packages to the leaderboard."""
    return [ARENA, "demo", "--short", "--out", out]


def until(moment: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for a moment in the life of a process."""
    deadline = time.monotonic() + WAIT_SEC
    while not moment():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.005)


def lines(path: Path) -> int:
    """Return how many lines a file has, 0 where there is none."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def servers(process: subprocess.Popen[str]) -> list[int]:
    """Return the model servers that a command has started: each is the child of its keeper."""
    return [server for keeper in _children(process.pid) for server in _children(keeper)]


def kill_server(process: subprocess.Popen[str]) -> None:
    """End a command's model server as the machine's own OOM killer does."""
    for server in servers(process):
        with suppress(ProcessLookupError):  # the one killed before may still be told among the children
            os.kill(server, signal.SIGKILL)


def stop_server(process: subprocess.Popen[str]) -> None:
    """Let a command's model server hang, as one does whose device no longer answers."""
    for server in servers(process):
        os.kill(server, signal.SIGSTOP)


def weights(stage: Path) -> str:
    """Return the digest of a stage's adapter."""
    return hashlib.sha256((stage / "adapter" / "adapter_model.safetensors").read_bytes()).hexdigest()


def curves(stage: Path) -> list[dict[str, Any]]:
    """Return a stage's metrics without what a clock measured."""
    rows = read_metrics(stage / "metrics.jsonl")
    return [{name: value for name, value in row.items() if not name.endswith(_CLOCKS)} for row in rows]


def rewards(evaluation: Path) -> Mapping[str, Any]:
    """Return the rewards of an evaluation by task."""
    doc = json.loads((evaluation / "evaluation.json").read_text(encoding="utf-8"))
    return {task["id"]: (task["rewards"], task["lost"]) for task in doc["tasks"]}


def facts(stage: Path) -> Mapping[str, Any]:
    """Return what a stage tells about itself."""
    found: Mapping[str, Any] = json.loads((stage / "manifest.json").read_text(encoding="utf-8"))["facts"]
    return found


def report(out: Path, stage: str = "post-train") -> NodeReport:
    """Return what a rented machine told of its stage."""
    return documents.read_document(out / "reports" / f"{stage}.json", NodeReport)


def _children(parent: int) -> list[int]:
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):  # a thread, or the whole process, may end meanwhile
        for task in Path(f"/proc/{parent}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found += (task / "children").read_text().split()
    return [int(child) for child in found]
