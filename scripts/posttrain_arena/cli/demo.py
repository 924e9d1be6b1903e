"""Run the whole arena once, with a tiny model on this machine's CPU.

    arena demo
    arena demo --seeds 0 1 2 3 4
    arena demo --short --out build/demo
    arena demo --track skills

From a family of the starting kit it makes an entry and a held-out suite; checks the entry as a pull request would be
checked; post-trains the embedded model on it (SFT, then GRPO, in Docker trials); evaluates base, SFT and GRPO; scores
the lift; writes leaderboard and site. Interrupted and started again it goes on where it was. For the track skills it
measures the starting kit's example entry: a tiny agent runs a suite with the entry's skills and without any.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from posttrain_arena.adapters.versions import library_versions
from posttrain_arena.cli import demo_skills
from posttrain_arena.cli.check import check
from posttrain_arena.cli.demo_images import build_images
from posttrain_arena.cli.demo_kit import FULL, SHORT, Kit, make_kit
from posttrain_arena.cli.demo_summary import print_seeds, print_summary
from posttrain_arena.cli.demonstration_stage import demonstration_stage, trainable
from posttrain_arena.cli.evaluation_stage import evaluation_stage
from posttrain_arena.cli.ladder import LadderResult, trial_findings
from posttrain_arena.cli.progress import Progress, Step, StepLine
from posttrain_arena.cli.results import add_run, make_run, write_board
from posttrain_arena.cli.run_context import RunContext, StageResult, stage
from posttrain_arena.cli.run_document import Publication, hardware, run_facts
from posttrain_arena.cli.site import build_site
from posttrain_arena.cli.training_stages import base_stage, grpo_stage, sft_stage
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.core.leaderboard.store import read_runs
from posttrain_arena.core.trial.probes import EXHAUSTION, TAMPERING
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.manifest import Fact
from posttrain_arena.model.task import TaskPackage

TITLE = "Copy a word from one file to another"
PREPARE = (
    Step("Make the entry and the held-out suite", 2),
    Step("Build the task images", 15),
    Step("Check the entry: oracle, empty and cheating trials", 45),
    Step("Build the base model", 20),
    Step("Collect demonstrations", 8),
    Step("Evaluate the base model", 55),
)
TRAIN = (
    Step("SFT on the demonstrations", 5),
    Step("GRPO on Docker trials", 120),
    Step("Evaluate after SFT", 55),
    Step("Evaluate after GRPO", 55),
    Step("Score, leaderboard and site", 3),
)
"""Seconds on the two-core machine of docs/design.md; the estimate of the time left scales them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path(".arena/demo"), help="folder for everything (default .arena/demo)"
    )
    parser.add_argument("--track", choices=["environments", "skills"], default="environments", help="whose loop it is")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="training seeds, one run each (default 0)")
    parser.add_argument("--exhibition", default="", metavar="REASON", help="publish the runs unranked, for this reason")
    parser.add_argument(
        "--short", action="store_true", help="fewer tasks, trials and steps: shows the loop, not learning"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the loop for every seed and print what came of it."""
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    if arguments.track == "skills":
        return demo_skills.run(arguments)
    sizes = SHORT if arguments.short else FULL
    out: Path = arguments.out / ("short" if arguments.short else "full")
    print(f"PostTrain Arena demo: everything goes below {out}", flush=True)
    progress = Progress([*PREPARE, *TRAIN * len(arguments.seeds)])
    with DockerEngine() as engine:
        with progress.step("Make the entry and the held-out suite"):
            kit = make_kit(out, sizes)
        demo = _Demo(kit, engine, progress, exhibition=arguments.exhibition)
        demo.prepare()
        runs = [demo.train(seed) for seed in arguments.seeds]
    notes = ["Everything was up to date."] if progress.nothing_to_do else demo.resumed
    print_summary(runs[-1], notes, out, progress.seconds)
    if len(runs) > 1:
        print_seeds(runs)
    return 0


class _Demo:
    """The loop's state: what all seeds share, and where the results go."""

    def __init__(self, kit: Kit, engine: Engine, progress: Progress, *, exhibition: str) -> None:
        self._kit = kit
        self._engine = engine
        self._out = kit.folder
        self._exhibition = exhibition
        self._progress = progress
        self._shared: dict[str, StageResult] = {}
        self.resumed: list[str] = []

    def prepare(self) -> None:
        """Do what no training seed changes."""
        context = self._context(0, self._out / "shared")
        self._images()
        self._progress.stage("Check the entry: oracle, empty and cheating trials", self._check)
        base = self._progress.stage("Build the base model", lambda line: base_stage(context, line.update))
        demonstrations = self._progress.stage(
            "Collect demonstrations", lambda line: demonstration_stage(context, self._kit.tasks, line.update)
        )
        suite = (self._kit.suite, self._kit.suite_tasks)
        evaluation = self._progress.stage(
            "Evaluate the base model", lambda line: evaluation_stage(context, base, None, suite, line.update)
        )
        self._shared = {"base": base, "demonstrations": demonstrations, "evaluation-base": evaluation}

    def train(self, seed: int) -> LeaderboardRun:
        """Train with one seed, evaluate, publish."""
        context = self._context(seed, self._out / f"seed-{seed}")
        kit, shared = self._kit, self._shared
        base, suite = shared["base"], (kit.suite, kit.suite_tasks)
        solved = trainable(context, shared["demonstrations"], kit.tasks)
        sft = self._progress.stage(
            "SFT on the demonstrations",
            lambda line: sft_stage(context, base, shared["demonstrations"], line.update),
        )
        grpo = self._progress.stage(
            "GRPO on Docker trials", lambda line: grpo_stage(context, base, sft, solved, line.update)
        )
        stages = {**shared, "sft": sft, "grpo": grpo}
        stages["evaluation-sft"] = self._progress.stage(
            "Evaluate after SFT", lambda line: evaluation_stage(context, base, sft, suite, line.update)
        )
        stages["evaluation-grpo"] = self._progress.stage(
            "Evaluate after GRPO", lambda line: evaluation_stage(context, base, grpo, suite, line.update)
        )
        if step := grpo.manifest.facts.get("resumed_from_step"):
            self.resumed.append(f"Resumed: seed {seed}: GRPO went on from step {step} of {context.recipe.grpo.steps}")
        with self._progress.step("Score, leaderboard and site"):
            return self._publish(context, stages)

    def _publish(self, context: RunContext, stages: dict[str, StageResult]) -> LeaderboardRun:
        job = self._kit.job(context.seed, beside=context.out)
        documents.write_document(context.out / "job.json", job)
        leaderboard = self._out / "leaderboard"
        known = [run for run in read_runs(leaderboard) if run.job == job.digest]
        attempt = known[0].attempt if known else 1 + len(read_runs(leaderboard))
        publication = Publication(
            title=TITLE,
            attempt=attempt,
            exhibition=self._exhibition,
            hardware=hardware(),
            versions=library_versions(context.recipe),
        )
        run = make_run(run_facts(context.recipe, job, stages, publication))
        documents.write_document(context.out / "run.json", run)
        add_run(run, leaderboard)
        write_board(leaderboard)
        build_site(leaderboard, self._out / "site")
        return run

    def _images(self) -> None:
        with self._progress.step("Build the task images") as line:
            build_images(self._engine, [*self._kit.tasks, *self._kit.suite_tasks.values()], line)

    def _check(self, line: StepLine) -> StageResult:
        kit = self._kit
        inputs = {task.name: task.digest for task in kit.tasks}

        def work(folder: Path) -> dict[str, Fact]:
            report = check(find_targets([kit.entry]), level="publication-grade", try_all=partial(self._try_all, line))
            documents.write_document(folder / "report.json", report)
            if report.outcome != "passed":
                raise ArenaError(f"the kit's own entry does not pass its check: see {folder / 'report.json'}")
            return {"packages": len(kit.tasks)}

        return stage(self._out / "check", inputs, work)

    def _try_all(self, line: StepLine, packages: Sequence[TaskPackage]) -> dict[str, LadderResult]:
        """Try the oracle and nothing on every package, the cheats on the first: all are of one family."""
        told = _counting(line, 2 * len(packages) + len(TAMPERING) + len(EXHAUSTION))
        return trial_findings(packages, announce=told, probed=lambda package: package == packages[0])

    def _context(self, seed: int, out: Path) -> RunContext:
        bases = self._out.parent / "bases"
        return RunContext(recipe=self._kit.recipe, seed=seed, engine=self._engine, out=out, bases=bases)


def _counting(line: StepLine, total: int) -> Callable[[str], None]:
    """Return a listener that counts the trials of the check on its step's line."""
    lock, ended = threading.Lock(), 0

    def count(_: str) -> None:
        nonlocal ended
        with lock:
            ended += 1
            line.update(ended / total, f"{ended} trials")

    return count
