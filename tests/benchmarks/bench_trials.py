"""Time trials: one beside two plain ``docker run``, and the ladder of an entry beside plain build, run, run.

    .venv/bin/python tests/benchmarks/bench_trials.py --packages 50

Needs a Docker engine with the base image, and minutes. Both sides run in turn on the same machine, so that the ratios
hold where the seconds do not. Exits 0 only where every figure keeps its limit.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.check.read import read_package
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Timings

ARENA = str(Path(sys.executable).parent / "arena")
SOUND = Path(__file__).resolve().parents[1] / "examples" / "tasks" / "sound"
PAIRS = 15
PHASES = {
    "start_sec": "the agent's container starts",
    "agent_sec": "the oracle's own work",
    "capture_sec": "its workspace is copied out",
    "verify_sec": "the verifier's container starts, gets the workspace, does its own work, is read out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, and what it has to be."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    unit: str = ""

    def kept(self) -> bool:
        """Say whether the figure keeps its limit."""
        low, high = self.at_least, self.at_most
        return (low is None or self.value >= low) and (high is None or self.value <= high)

    def line(self) -> str:
        """Return the figure as a line of the table."""
        limit = f"at most {self.at_most:g}" if self.at_most is not None else f"at least {self.at_least:g}"
        return f"{self.name:<62} {self.value:7.3f} {self.unit:<2} ({limit}){'' if self.kept() else '  NOT KEPT'}"


def run(command: Sequence[str]) -> str:
    """Return a command's output; raises RuntimeError where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def write_entry(folder: Path, packages: int) -> list[Path]:
    """Write packages that no engine has seen, each with an image of its own."""
    written = []
    for number in range(packages):
        path = folder / "envs" / f"poem-count-lines-{number}"
        shutil.copytree(SOUND, path)
        lines = [f"{secrets.token_hex(20)}\n" for _ in range(10 + number)]
        (path / "environment" / "data" / "poem.txt").write_text("".join(lines), encoding="utf-8")
        written.append(path)
    return written


def plain_trial(package: Path, image: str) -> None:
    """Run oracle and verifier as one would by hand; raises RuntimeError where the reward is not 1.0."""
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        for folder in ("workspace", "logs"):
            (here / folder).mkdir()
        docker = ["docker", "run", "--rm", "--network", "none", "-v", f"{here}/workspace:/root"]
        run([*docker, "-v", f"{package}/oracle:/oracle:ro", image, "bash", "/oracle/solve.sh"])
        mounts = ["-v", f"{package}/verifier:/verifier:ro", "-v", f"{here}/logs:/logs/verifier"]
        run([*docker, *mounts, image, "bash", "/verifier/test.sh"])
        if float((here / "logs" / "reward.txt").read_text(encoding="ascii")) != 1.0:
            raise RuntimeError(f"{package.name}: the plain run scores less than 1.0")


def plain_entry(packages: Sequence[Path]) -> float:
    """Return the seconds that build, run, run takes for one package after the other."""
    began = time.perf_counter()
    for package in packages:
        tag = f"posttrain-arena-bench/{package.name}:1"
        run(["docker", "build", "-q", "-t", tag, str(package / "environment")])
        plain_trial(package, tag)
    return time.perf_counter() - began


def our_entry(entry: Path, *arguments: str) -> tuple[float, int]:
    """Return the seconds that the ladder of an entry takes, and how many trials were run."""
    report = entry / "report.json"
    began = time.perf_counter()
    run([ARENA, "check", str(entry / "envs"), "--level", "publication-grade", "--out", str(report), *arguments])
    return time.perf_counter() - began, json.loads(report.read_text(encoding="utf-8"))["counts"]["trials"]


def one_trial(package: Path) -> tuple[Figure, list[Timings]]:
    """Return the overhead of one trial over two plain runs of the same commands, and where its time went."""
    task, findings = read_package(package, root=package.parent)
    if task is None:
        raise RuntimeError(f"{package}: {findings}")
    with DockerEngine() as engine:
        image = engine.build(task)
        if not isinstance(image, str):
            raise RuntimeError(image.detail)
        pairs = [_pair(engine, task, image) for _ in range(PAIRS)][1:]
    ratio = statistics.median(ours / plain for ours, plain, _ in pairs)
    return Figure(name="one trial over two plain docker run", value=ratio, at_most=1.35), [spent for *_, spent in pairs]


def _pair(engine: DockerEngine, task: TaskPackage, image: str) -> tuple[float, float, Timings]:
    began = time.perf_counter()
    trial = run_trial(TrialRequest(task=task, agent=Oracle()), engine)
    between = time.perf_counter()
    plain_trial(task.path, image)
    if not trial.passed:
        raise RuntimeError(f"the oracle does not pass: {trial.failure}")
    return between - began, time.perf_counter() - between, trial.timings


def whole_entry(folder: Path, packages: int) -> list[Figure]:
    """Return how the ladder of an entry compares, cold, warm and unchanged."""
    write_entry(folder / "ours", packages)
    by_hand = write_entry(folder / "plain", packages)
    figures = []
    for name, arguments, least in (("cold", (), None), ("warm", ("--forget",), 1.5)):
        seconds, trials = our_entry(folder / "ours", *arguments)
        plain = plain_entry(by_hand)
        per_trial = seconds / trials
        ours = f"{trials} trials of ours in {seconds:.1f} s, {per_trial:.3f} s each"
        print(f"{name}: {ours}; {packages} by hand in {plain:.1f} s")
        gain = plain / packages / per_trial
        figures.append(Figure(name=f"{name}: per trial, times faster than by hand", value=gain, at_least=least or 0.0))
    seconds, _ = our_entry(folder / "ours")
    figures.append(Figure(name="the entry again, nothing changed", value=seconds, at_most=2.0, unit="s"))
    return figures


def main() -> int:
    """Measure everything; the last line says whether all limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", type=int, default=50, help="of the entry (default 50)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        overhead, spent = one_trial(write_entry(Path(name) / "one", 1)[0])
        for phase, about in PHASES.items():
            print(f"  {statistics.median(getattr(one, phase) for one in spent):.3f} s  {about}")
        figures = [overhead, *whole_entry(Path(name), arguments.packages)]
    print("\n".join(figure.line() for figure in figures))
    lost = [figure.name for figure in figures if not figure.kept()]
    print(f"bench-trials: {'every limit is kept' if not lost else 'not kept: ' + '; '.join(lost)}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
