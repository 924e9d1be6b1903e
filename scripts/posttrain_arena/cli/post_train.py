"""Post-train the job's base model on its entry: demonstrations, SFT, GRPO.

    arena post-train .arena/demo/full/seed-0/job.json --out build/run

Run again with the same --out it goes on where it was, and does nothing where all is done. It never reads the suite:
`arena evaluate` does, on another machine if need be. --tracker tensorboard writes to RUN/logs/tensorboard, --tracker
wandb sends to Weights & Biases with WANDB_API_KEY; ARENA_TRACKERS names trackers where no --tracker does.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from posttrain_arena.cli.demonstration_stage import demonstration_stage, demonstrations, trainable
from posttrain_arena.cli.job_files import read_entry, read_training_job
from posttrain_arena.cli.progress import Progress, Step
from posttrain_arena.cli.run_context import RunContext
from posttrain_arena.cli.training_stages import base_stage, grpo_stage, sft_stage
from posttrain_arena.errors import TrainingError
from posttrain_arena.model.trackers import TRACKERS, VARIABLE, known_trackers

STEPS = (
    Step("Build the base model", 25),
    Step("Collect demonstrations", 8),
    Step("SFT on the demonstrations", 10),
    Step("GRPO on Docker trials", 120),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("job", type=Path, help="the job document (job.json)")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models (.arena/bases)")
    names = ", ".join(TRACKERS)
    parser.add_argument("--tracker", action="append", default=[], metavar="NAME", help=f"report to it as well: {names}")


def run(arguments: argparse.Namespace) -> int:
    """Run the stages."""
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine
    from posttrain_arena.adapters.training.trackers import require_trackers

    trackers = known_trackers(arguments.tracker or os.environ.get(VARIABLE, "").split(","))
    require_trackers(trackers)
    job, recipe = read_training_job(arguments.job)
    tasks = read_entry(arguments.job, job)
    progress = Progress(STEPS)
    with DockerEngine() as engine:
        engine.require_room(tasks)
        context = RunContext(
            recipe=recipe,
            seed=job.seed,
            engine=engine,
            out=arguments.out,
            bases=arguments.bases,
            trackers=trackers,
        )
        base = progress.stage("Build the base model", lambda line: base_stage(context, line.update))
        shown = progress.stage("Collect demonstrations", lambda line: demonstration_stage(context, tasks, line.update))
        if not demonstrations(shown):
            raise TrainingError("no task's demonstration passed its verifier: nothing can be imitated", owner="author")
        sft = progress.stage("SFT on the demonstrations", lambda line: sft_stage(context, base, shown, line.update))
        solved = trainable(context, shown, tasks)
        grpo = progress.stage("GRPO on Docker trials", lambda line: grpo_stage(context, base, sft, solved, line.update))
    if len(solved) < len(tasks):
        print(f"left out, because their demonstration failed: {shown.manifest.facts['unsolved']}")
    print(f"checkpoint {grpo.digest} in {grpo.folder / 'adapter'}")
    return 0
