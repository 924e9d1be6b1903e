"""Train and evaluate the embedded default behind each model server: the results must be equal in distribution.

    .venv/bin/python tests/benchmarks/compare_servers.py

Needs a Docker engine, the base image, vLLM (scripts/setup/vllm.sh) and minutes. Both servers evaluate one and the same
checkpoint, that after SFT; then GRPO goes on from it with each server, and each evaluates what came of it. Interrupted
and run again it goes on where it was. Exits 0 where no comparison is unlikely (p < 0.001) among equal servers.

The test is exact and conditional on every task's own passes: if the server does not matter, a task's passes fall upon
the two sides as k draws of 2k without replacement, and their sum over the tasks is what is judged (the exact form of
the Mantel-Haenszel test, each task a stratum). Tasks differ far more than servers could, so trials are never pooled
across them. The level is low because nothing else is random from run to run: the seeds are fixed.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import hypergeom

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.adapters.model_server.policy import served_policy
from posttrain_arena.cli.demo_kit import FULL, Sizes, make_kit
from posttrain_arena.cli.demonstration_stage import demonstration_stage, trainable
from posttrain_arena.cli.evaluation_stage import evaluation_stage
from posttrain_arena.cli.run_context import RunContext, StageResult
from posttrain_arena.cli.training_stages import base_stage, grpo_stage, sft_stage
from posttrain_arena.core.scoring.analysis import published
from posttrain_arena.core.scoring.intervals import small_set_rate, student
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.model.documents import read_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.recipe import Recipe

SERVERS = ("transformers", "vllm")
LEVEL = 0.001

SHORT = Sizes(recipe="tiny-short", entry=8, split=24, family=12)
"""Little training, and as many tasks to compare on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one server gave: evaluations by stage, seconds until it answered and per adapter, trials a second, gap."""

    evaluations: Mapping[str, Evaluation]
    start_sec: float
    load_ms: float
    trials_per_sec: float
    gap: float


def rates(evaluation: Evaluation) -> list[float]:
    """Return each task's share of passes."""
    return [sum(task.rewards) / len(task.rewards) for task in evaluation.tasks]


def chance(ours: Evaluation, theirs: Evaluation) -> float:
    """Return how likely passes as far apart as these are among equal servers (two-sided)."""
    pmf, seen = np.ones(1), 0
    for mine, other in zip(ours.tasks, theirs.tasks, strict=True):
        if mine.id != other.id or len(mine.rewards) != len(other.rewards):
            raise ValueError(f"{mine.id} and {other.id}: not the same task, or not as many trials")
        each, passed = len(mine.rewards), round(sum(mine.rewards) + sum(other.rewards))
        pmf = np.convolve(pmf, hypergeom(2 * each, passed, each).pmf(np.arange(each + 1)))
        seen += round(sum(mine.rewards))
    return float(min(1.0, pmf[pmf <= pmf[seen] * (1 + 1e-9)].sum()))


def shown(evaluation: Evaluation) -> str:
    """Return a pass rate with its 95% interval."""
    interval = small_set_rate(rates(evaluation), evaluation.trials_per_task, level=published().level)
    mean = sum(rates(evaluation)) / len(evaluation.tasks)
    return f"{mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]" if interval else f"{mean:.3f}"


class Comparison:
    """One entry and suite; base model, demonstrations and SFT are made once for both servers."""

    def __init__(self, folder: Path, engine: DockerEngine, sizes: Sizes) -> None:
        self._folder = folder
        self._engine = engine
        self._kit = make_kit(folder, sizes)
        self._suite = (self._kit.suite, self._kit.suite_tasks)
        context = self._context(self._kit.recipe, "shared")
        self._base = base_stage(context, _silent)
        demonstrations = demonstration_stage(context, self._kit.tasks, _silent)
        self._tasks = trainable(context, demonstrations, self._kit.tasks)
        self._sft = sft_stage(context, self._base, demonstrations, _silent)

    def side(self, server: str) -> Side:
        """Evaluate the checkpoint after SFT, train on, and evaluate again, all behind one server."""
        recipe = _served_by(self._kit.recipe, server)
        context = self._context(recipe, server)
        start_sec, load_ms = self._times(recipe, context.log("start"))
        grpo = grpo_stage(context, self._base, self._sft, self._tasks, _silent)
        rows = read_metrics(grpo.folder / "metrics.jsonl")
        evaluations = {
            name: evaluation_stage(context, self._base, checkpoint, self._suite, _silent)
            for name, checkpoint in (("SFT", self._sft), ("GRPO", grpo))
        }
        gaps = [row["sync_gap"] for row in rows] + [_number(stage, "sync_gap") for stage in evaluations.values()]
        return Side(
            evaluations={
                name: read_document(stage.folder / "evaluation.json", Evaluation) for name, stage in evaluations.items()
            },
            start_sec=start_sec,
            load_ms=load_ms,
            trials_per_sec=sum(row["trials"] for row in rows) / sum(row["rollout_sec"] for row in rows),
            gap=max(gaps),
        )

    def _times(self, recipe: Recipe, log: Path) -> tuple[float, float]:
        began = time.monotonic()
        with served_policy(self._base.folder / "model", recipe, log=log) as policy:
            start = time.monotonic() - began
            policy.load("policy", self._sft.folder / "adapter")  # the first one warms the server up
            began = time.monotonic()
            policy.load("policy", self._sft.folder / "adapter")
            return start, 1000 * (time.monotonic() - began)

    def _context(self, recipe: Recipe, name: str) -> RunContext:
        bases = self._folder.parent / "bases"
        return RunContext(recipe=recipe, seed=0, engine=self._engine, out=self._folder / name, bases=bases)


def _served_by(recipe: Recipe, server: str) -> Recipe:
    return replace(recipe, server=replace(recipe.server, backend=server))


def _number(stage: StageResult, name: str) -> float:
    value = stage.manifest.facts[name]
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name} of {stage.folder} is {value!r}")
    return float(value)


def _silent(fraction: float, note: str) -> None:
    """Take a tick nobody needs to hear."""


def main() -> int:
    """Run everything; the last line has the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(".arena/test-vllm"), help="folder for everything")
    parser.add_argument("--short", action="store_true", help="fewer trials and steps")
    arguments = parser.parse_args()
    folder = arguments.out / ("short" if arguments.short else "full")
    with DockerEngine() as engine:
        comparison = Comparison(folder, engine, SHORT if arguments.short else FULL)
        sides = {server: comparison.side(server) for server in SERVERS}
    return 0 if report(sides) else 1


def report(sides: Mapping[str, Side]) -> bool:
    """Print both sides and the figures; say whether they are equal in distribution."""
    ours, theirs = sides.values()
    print(f"{'':<28}" + "".join(f"{server:>26}" for server in sides))
    equal, figures = True, []
    for stage in ours.evaluations:
        pair = [side.evaluations[stage] for side in sides.values()]
        likely = chance(*pair)
        equal = equal and likely >= LEVEL
        means = [sum(rates(one)) / len(one.tasks) for one in pair]
        apart = student([x - y for x, y in zip(rates(pair[0]), rates(pair[1]), strict=True)], level=published().level)
        error = (apart.high - apart.low) / 4
        print(f"{f'pass rate after {stage}':<28}" + "".join(f"{shown(one):>26}" for one in pair))
        print(
            f"{'':<28}difference {means[0] - means[1]:+.3f} [{apart.low:+.3f}, {apart.high:+.3f}], p = {likely:.3f}; "
            f"one of {(3.29 + 1.28) * error:.2f} would be found in nine runs of ten"
        )
        figures.append(f"{stage} {means[0]:.3f} and {means[1]:.3f} (p {likely:.2f})")
    for what, values in {
        "start, seconds": [side.start_sec for side in sides.values()],
        "load and attest, ms": [side.load_ms for side in sides.values()],
        "rollouts, trials a second": [side.trials_per_sec for side in sides.values()],
    }.items():
        print(f"{what:<28}" + "".join(f"{value:>26.1f}" for value in values))
        figures.append(f"{what} {values[0]:.1f} and {values[1]:.1f}")
    print(f"{'widest gap, nats a token':<28}" + "".join(f"{side.gap:>26.1e}" for side in sides.values()))
    if not all(math.isfinite(side.gap) for side in sides.values()):
        equal = False
    said = "equal in distribution" if equal else "THE SERVERS DIFFER"
    print(f"test-vllm: {said}: {', '.join(figures)}, gap {ours.gap:.1e} and {theirs.gap:.1e} nats")
    return equal


if __name__ == "__main__":
    raise SystemExit(main())
