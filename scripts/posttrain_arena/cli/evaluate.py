"""Evaluate a checkpoint on the job's suite; without --checkpoint the base model, the baseline.

A job of the track skills has no checkpoints: with --skills its reference agent has the entry's skills, without it
is the baseline.

arena evaluate .arena/demo/full/seed-0/job.json --suite .arena/demo/full/suite --out build/evaluations
arena evaluate JOB --suite SUITE --checkpoint build/run/grpo --out build/evaluations
arena evaluate JOB --suite SUITE --checkpoint build/run/grpo --out shared/evaluations --shard 2/4
arena evaluate JOB --suite SUITE --sealed sealed.json --key suite.key --checkpoint build/run/grpo --out private
arena evaluate JOB --suite SUITE --skills --out build/evaluations
arena score build/evaluations/evaluation-grpo/evaluation.json build/evaluations/evaluation-base/evaluation.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.cli.evaluation_stage import TRIALS, EvaluationStage
from posttrain_arena.cli.held_out import add_suite_arguments, suite_of
from posttrain_arena.cli.job_files import read_job, read_skills
from posttrain_arena.cli.progress import Progress, Step, StepLine
from posttrain_arena.cli.run_context import EvaluationContext, StageResult
from posttrain_arena.cli.training_stages import base_stage
from posttrain_arena.core.training.stages import whole
from posttrain_arena.core.trial.skills import SkillSet
from posttrain_arena.errors import UsageError
from posttrain_arena.model.job import Job
from posttrain_arena.model.shard import Shard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("job", type=Path, help="the job document (job.json)")
    add_suite_arguments(parser)
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help="a stage of a run, such as RUN/sft or RUN/grpo")
    parser.add_argument("--skills", action="store_true", help="give the agent the skills of the job's entry")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the evaluation")
    parser.add_argument(
        "--shard",
        type=Shard.parse,
        metavar="I/N",
        help="run one of N parts; then the same command without --shard, on the same --out, puts the parts together",
    )
    parser.add_argument(
        "--parts", type=int, metavar="N", help="first wait for the N parts that other machines run (without --shard)"
    )
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models (.arena/bases)")


def run(arguments: argparse.Namespace) -> int:
    """Run the evaluation."""
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    job, recipe = read_job(arguments.job)
    checkpoint = _checkpoint(arguments.checkpoint, job)
    skills = _skills(arguments, job)
    parts = arguments.parts or 0
    if arguments.shard and parts:
        raise UsageError("--parts waits for the parts that --shard runs: give one of them")
    progress = Progress((Step("Build the base model", 25), Step("Evaluate on the suite", 60)))
    with suite_of(arguments, job) as suite, DockerEngine() as engine:
        engine.require_room(suite[1].values())
        context = EvaluationContext(
            recipe=recipe, seed=job.seed, engine=engine, out=arguments.out, bases=arguments.bases
        )
        base = progress.stage("Build the base model", lambda line: base_stage(context, line.update))

        def evaluated(line: StepLine) -> StageResult:
            stage = EvaluationStage(
                context=context, base=base, checkpoint=checkpoint, suite=suite, tick=line.update, skills=skills
            )
            stage.wait(parts)
            return stage.run(arguments.shard)

        result = progress.stage("Evaluate on the suite", evaluated)
    print(f"wrote {result.folder / (TRIALS if arguments.shard else 'evaluation.json')}")
    return 0


def _skills(arguments: argparse.Namespace, job: Job) -> SkillSet | None:
    """Return the skills that are asked for; raises UsageError where the job's track has other things."""
    if job.entry.track == "skills" and arguments.checkpoint is not None:
        raise UsageError("--checkpoint: a job of the track skills trains nothing: give --skills, or neither")
    if not arguments.skills:
        return None
    if job.entry.track != "skills":
        raise UsageError(f"--skills: the job is of the track {job.entry.track}")
    return read_skills(arguments.job, job)


def _checkpoint(folder: Path | None, job: Job) -> StageResult | None:
    """Return the stage in ``folder``; raises where its files are not those it had, or were trained by another job."""
    if folder is None:
        return None
    manifest = whole(folder)
    for name, pinned in (("recipe", job.recipe.digest), ("seed", str(job.seed))):
        found = manifest.inputs.get(name)
        if found != pinned:
            raise UsageError(f"{folder}: was trained with the {name} {found}, the job has {pinned}: name the job of it")
    return StageResult(folder=folder, manifest=manifest, skipped=True)
