"""Time ``arena check``: one package, a tree of thousands, the same tree again, and one change in it.

    .venv/bin/python tests/benchmarks/bench_check.py

The tree is written and committed to a repository of its own in a temporary folder. Every figure is the median of new
processes, beside that of a plain loop over the same documents with the YAML and JSON Schema libraries. Exits 0 only
where every figure keeps its limit.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from entry_tree import write_tree

ENTRIES, PACKAGES = 20, 200
CHECKOUT = Path(__file__).resolve().parents[2]
ARENA = str(Path(sys.executable).parent / "arena")
PLAIN = [sys.executable, str(Path(__file__).with_name("plain_loop.py"))]
GIT = ["git", "-c", "user.name=bench", "-c", "user.email=bench@arena.example"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, and the most that it may be."""

    name: str
    value: float
    limit: float
    unit: str = "s"

    def kept(self) -> bool:
        """Say whether the figure keeps its limit."""
        return self.value <= self.limit


def run(command: Sequence[str], folder: Path) -> float:
    """Return the wall time of a command in seconds; raises RuntimeError where it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


def median(times: int, command: Sequence[str], folder: Path, *, before: Callable[[int], object] | None = None) -> float:
    """Return the median wall time; ``before`` prepares each run and is not timed."""
    measured = []
    for number in range(times):
        if before is not None:
            before(number)
        measured.append(run(command, folder))
    return statistics.median(measured)


def peak_megabytes(command: Sequence[str], folder: Path) -> float:
    """Return the most memory that the command and its children held together, in MB of proportional set size."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, start_new_session=True)
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, sum(_held(path) for path in Path("/proc").glob("[0-9]*") if _group(path) == process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    done.set()
    watcher.join()
    if code != 0:
        raise RuntimeError(f"{command}: exit code {code}")
    return peak


def _group(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[2])
    except (OSError, IndexError):
        return 0


def _held(path: Path) -> float:
    try:
        lines = (path / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def main() -> int:
    """Measure everything; the last line says whether all limits hold."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        write_tree(tree, entries=ENTRIES, packages=PACKAGES)
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "tree"]):
            run([*GIT, *arguments], tree)
        time.sleep(1.5)  # what was written a moment ago is not remembered
        figures, plain = measure(tree)
    for figure in figures:
        ratio = f"  {figure.value / plain:6.3f} of the plain loop" if figure.unit == "s" else ""
        held = "" if figure.kept() else "  TOO MUCH"
        print(f"{figure.name:<58} {figure.value:8.3f} {figure.unit:<2} (at most {figure.limit:g}){ratio}{held}")
    print(f"{'plain loop: yaml.safe_load and jsonschema, documents alone':<58} {plain:8.3f} s")
    lost = [figure.name for figure in figures if not figure.kept()]
    print(f"bench-check: {'every limit is kept' if not lost else 'over the limit: ' + '; '.join(lost)}")
    return 1 if lost else 0


def measure(tree: Path) -> tuple[list[Figure], float]:
    """Return the figures and the plain loop's time in seconds."""
    check = [ARENA, "check", "submissions"]
    task_files = sorted(tree.glob("submissions/*/envs/*/task.md"))[:: ENTRIES * PACKAGES // 5]

    def change(number: int) -> None:
        run([*GIT, "checkout", "-q", "."], tree)
        task_files[number].write_text(task_files[number].read_text(encoding="utf-8") + "\nOne line more.\n")

    plain = median(2, [*PLAIN, "submissions"], tree)
    cold = median(3, [*check, "--forget"], tree)
    held = peak_megabytes([*check, "--forget"], tree)
    run(check, tree)
    again = median(3, check, tree)
    changed = median(5, [*check, "--changed-from", "HEAD"], tree, before=change)
    one = median(11, [ARENA, "check", str(CHECKOUT / "starting-kit/examples/logs-find-intruders")], CHECKOUT)
    count = f"{ENTRIES} entries x {PACKAGES} packages"
    return [
        Figure(name=f"{count}, everything read", value=cold, limit=8.0),
        Figure(name="memory of all its processes", value=held, limit=200.0, unit="MB"),
        Figure(name=f"{count}, again", value=again, limit=1.5),
        Figure(name=f"{count}, one changed: --changed-from HEAD", value=changed, limit=0.6),
        Figure(name="one package in a new process", value=one, limit=0.25),
    ], plain


if __name__ == "__main__":
    sys.exit(main())
