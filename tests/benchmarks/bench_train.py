"""Time GRPO whose rollouts run ahead of the trainer beside GRPO that alternates, same seeds, same number of trials.

    .venv/bin/python tests/benchmarks/bench_train.py --seeds 0 1 2

Needs a Docker engine, the base image and minutes. The embedded default on its own tasks, and on the same tasks with
commands that take a while, as compilers and tests do. Exits 0 where running ahead is faster on the slow tasks and
the pass rates of both do not differ beyond their intervals.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scipy.stats import binomtest

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.demo_kit import FULL, RECIPES, Kit, make_kit
from posttrain_arena.cli.demonstration_stage import demonstration_stage, trainable
from posttrain_arena.cli.evaluation_stage import evaluation_stage
from posttrain_arena.cli.packages import load_package
from posttrain_arena.cli.run_context import RunContext, StageResult
from posttrain_arena.cli.training_stages import base_stage, grpo_stage, sft_stage
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model.documents import read_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.recipe import Recipe

MODES = {"alternating": "tiny", "ahead": "tiny-ahead"}
SLOW_SEC = 0.3
SLOW = (
    f"RUN printf '#!/bin/sh\\nsleep {SLOW_SEC}\\nexec /bin/cat \"$@\"\\n' > /usr/local/bin/cat"
    " && chmod +x /usr/local/bin/cat\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One GRPO run: its seconds per step, its trials, and the passes of its checkpoint on the held-out suite."""

    seconds: float
    trials: int
    passed: int
    tried: int
    staleness: float


def slowed(kit: Kit, folder: Path) -> Kit:
    """Return the kit with commands that take a while in the entry's images; the suite stays as it is."""
    packages = []
    for task in kit.tasks:
        dockerfile = task.path / "environment" / "Dockerfile"
        dockerfile.write_text(dockerfile.read_text(encoding="utf-8") + SLOW, encoding="utf-8")
        packages.append(load_package(task.path))
    return replace(kit, folder=folder, tasks=packages)


class Bench:
    """The runs of one kit; base model and demonstrations are made once."""

    def __init__(self, kit: Kit, engine: DockerEngine, folder: Path) -> None:
        self._kit = kit
        self._engine = engine
        self._folder = folder
        self._suite = (kit.suite, kit.suite_tasks)
        context = self._context(kit.recipe, 0, "shared")
        self._base = base_stage(context, _silent)
        self._shown = demonstration_stage(context, kit.tasks, _silent)
        self._tasks = trainable(context, self._shown, kit.tasks)

    def runs(self, seed: int) -> Mapping[str, Run]:
        """Return the run of each mode, all of them from the same weights after SFT."""
        sft = sft_stage(self._context(self._kit.recipe, seed, f"seed-{seed}"), self._base, self._shown, _silent)
        order = list(MODES) if seed % 2 else list(reversed(MODES))
        return {mode: self._run(mode, seed, sft) for mode in order}

    def _run(self, mode: str, seed: int, sft: StageResult) -> Run:
        context = self._context(read_recipe(RECIPES / f"{MODES[mode]}.yaml"), seed, f"seed-{seed}-{mode}")
        began = time.monotonic()
        grpo = grpo_stage(context, self._base, sft, self._tasks, _silent)
        seconds = time.monotonic() - began
        rows = read_metrics(grpo.folder / "metrics.jsonl")
        evaluation = evaluation_stage(context, self._base, grpo, self._suite, _silent)
        rewards = [
            reward
            for task in read_document(evaluation.folder / "evaluation.json", Evaluation).tasks
            for reward in task.rewards
        ]
        print(f"  seed {seed}, {mode}: {seconds:.1f} s", flush=True)
        return Run(
            seconds=seconds,
            trials=sum(row["trials"] for row in rows),
            passed=sum(reward == 1.0 for reward in rewards),
            tried=len(rewards),
            staleness=statistics.fmean(row["staleness"] for row in rows),
        )

    def _context(self, recipe: Recipe, seed: int, name: str) -> RunContext:
        out = self._folder / name
        return RunContext(recipe=recipe, seed=seed, engine=self._engine, out=out, bases=self._folder / "bases")


def _silent(fraction: float, note: str) -> None:
    """Take a tick nobody needs to hear."""


def compare(name: str, found: Sequence[Mapping[str, Run]]) -> tuple[float, bool]:
    """Print both modes; return how many times faster running ahead is, and whether the pass rates agree."""
    intervals = {}
    for mode in MODES:
        runs = [by_mode[mode] for by_mode in found]
        passed, tried = sum(run.passed for run in runs), sum(run.tried for run in runs)
        intervals[mode] = low, high = binomtest(passed, tried).proportion_ci(method="wilson")
        print(
            f"{name}, {mode}: {statistics.median(run.seconds for run in runs):.1f} s for {runs[0].trials} trials "
            f"(median of {len(runs)} seeds), {runs[0].staleness:.2f} updates old, "
            f"held-out pass rate {passed / tried:.3f} [{low:.3f}, {high:.3f}]"
        )
    ratio = statistics.median(by_mode["alternating"].seconds / by_mode["ahead"].seconds for by_mode in found)
    print(f"{name}: running ahead is {ratio:.2f} times as fast\n")
    (low, high), (other_low, other_high) = intervals.values()
    return ratio, low <= other_high and other_low <= high


def main() -> int:
    """Run everything; return 0 where it keeps what it promises."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    kept = []
    with tempfile.TemporaryDirectory() as name, DockerEngine() as engine:
        for workload in ("quick commands", f"commands of {SLOW_SEC} s"):
            folder = Path(name) / workload.replace(" ", "-")
            kit = make_kit(folder / "kit", FULL)
            print(f"{workload}:", flush=True)
            bench = Bench(kit if workload == "quick commands" else slowed(kit, folder), engine, folder)
            ratio, agree = compare(workload, [bench.runs(seed) for seed in arguments.seeds])
            kept.append(agree and (workload == "quick commands" or ratio > 1.0))
    print(f"bench-train: {'running ahead pays, and learns as well' if all(kept) else 'NOT KEPT'}")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
