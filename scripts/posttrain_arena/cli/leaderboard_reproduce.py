"""Do a published run again, as far as this machine can, and say plainly how far that was."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from posttrain_arena.cli import evaluate, post_train
from posttrain_arena.cli.evaluation_stage import BASELINE, WITH_SKILLS
from posttrain_arena.cli.held_out import add_suite_arguments
from posttrain_arena.cli.job_files import read_job, read_training_job
from posttrain_arena.cli.run_document import CURVES, curves_of
from posttrain_arena.core.leaderboard import reproduction
from posttrain_arena.core.leaderboard.store import run_path
from posttrain_arena.core.leaderboard.verify import run_drift
from posttrain_arena.core.scoring.score import score, stage_rates
from posttrain_arena.core.training.stages import output_digest, whole
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.job import Job
from posttrain_arena.model.leaderboard_run import LeaderboardRun

State = Literal["reproduced", "differs", "not reproduced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one part of a run, and why."""

    part: str
    state: State
    why: str


def add_reproduce(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``reproduce``."""
    parser.add_argument("run", metavar="RUN", help="id of a run of the leaderboard, or a run document")
    parser.add_argument("--job", type=Path, metavar="FILE", help="the job document of the run (job.json)")
    add_suite_arguments(parser, required=False)
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help="the stage that was scored, such as RUN/grpo")
    parser.add_argument("--train", action="store_true", help="train again, where the recipe builds its own model")
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models (.arena/bases)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep what is made here (default: nothing is kept)")


def run_reproduce(arguments: argparse.Namespace) -> int:
    """Do the parts again and print what became of each; return 1 where one differs."""
    path = Path(arguments.run)
    path = path if path.is_file() else run_path(arguments.leaderboard, arguments.run)
    run = documents.read_written(path, LeaderboardRun)
    with tempfile.TemporaryDirectory(prefix="arena-reproduce-") as name:
        outcomes = list(_outcomes(run, arguments, arguments.out or Path(name)))
    for outcome in outcomes:
        print(f"{outcome.part + ':':<12} {outcome.state}: {outcome.why}")
    return int(any(outcome.state == "differs" for outcome in outcomes))


def _outcomes(run: LeaderboardRun, arguments: argparse.Namespace, out: Path) -> Iterator[Outcome]:
    faults = run_drift(run, score=score, stage_rates=stage_rates)
    told = faults[0] if faults else f"every number of {run.id} follows from its {_trials(run)} rewards"
    yield Outcome(part="score", state="differs" if faults else "reproduced", why=told)
    job = _job(run, arguments)
    yield _baseline(run, job, arguments, out)
    yield _evaluated(run, job, arguments, out)
    yield from _trained(run, job, arguments, out)


def _job(run: LeaderboardRun, arguments: argparse.Namespace) -> Job | None:
    if arguments.job is None:
        return None
    job, _ = read_job(arguments.job)
    if job.digest != run.job:
        raise UsageError(f"{arguments.job}: is not the job of {run.id} ({job.digest}, not {run.job})")
    return job


def _baseline(run: LeaderboardRun, job: Job | None, arguments: argparse.Namespace, out: Path) -> Outcome:
    """Do the half of the lift again that no entry has a part in."""
    if job is None or arguments.suite is None:
        return _left("baseline", arguments, "job", "suite")
    return _compared("baseline", run, _evaluation(None, arguments, out / "evaluations"))


def _evaluated(run: LeaderboardRun, job: Job | None, arguments: argparse.Namespace, out: Path) -> Outcome:
    if run.entry.track == "skills":
        if job is None or arguments.suite is None:
            return _left("evaluation", arguments, "job", "suite")
        return _compared("evaluation", run, _evaluation(None, arguments, out / "evaluations", skills=True))
    if job is None or arguments.suite is None or arguments.checkpoint is None:
        return _left("evaluation", arguments, "job", "suite", "checkpoint")
    weights = output_digest(whole(arguments.checkpoint))
    if weights != run.checkpoint:
        raise UsageError(f"{arguments.checkpoint}: is not the checkpoint of {run.id} ({weights}, not {run.checkpoint})")
    return _compared("evaluation", run, _evaluation(arguments.checkpoint, arguments, out / "evaluations"))


def _left(part: str, arguments: argparse.Namespace, *needed: str) -> Outcome:
    missing = [f"--{name}" for name in needed if getattr(arguments, name) is None]
    return Outcome(part=part, state="not reproduced", why=f"needs {', '.join(missing)}")


def _trained(run: LeaderboardRun, job: Job | None, arguments: argparse.Namespace, out: Path) -> Iterator[Outcome]:
    if run.entry.track == "skills":
        return  # nothing is trained
    if job is None or not arguments.train:
        yield Outcome(part="training", state="not reproduced", why="needs --job and --train")
        return
    if read_training_job(arguments.job)[1].model.embedded is None:
        why = "the recipe trains a model of a hub on a GPU: another machine's kernels give other weights"
        yield Outcome(part="training", state="not reproduced", why=why)
        return
    stages = out / "stages"
    post_train.run(argparse.Namespace(job=arguments.job, out=stages, bases=arguments.bases, tracker=[]))
    fault = reproduction.curves_differ(run.curves, curves_of({stage: stages / stage for stage in CURVES}))
    told = fault or f"{len(reproduction.steady(run.curves))} curves are what they were, step by step"
    yield Outcome(part="training", state="differs" if fault else "reproduced", why=told)
    if arguments.suite is not None:
        found = _evaluation(stages / run.scored_stage, arguments, out / "evaluations-of-the-new-weights")
        yield _compared("new weights", run, found)


def _evaluation(
    checkpoint: Path | None, arguments: argparse.Namespace, out: Path, *, skills: bool = False
) -> Evaluation:
    """Evaluate a checkpoint again, or where there is none the base model, with the job's skills or without."""
    given = {name: getattr(arguments, name) for name in ("job", "suite", "sealed", "key", "digest", "bases")}
    given |= {"checkpoint": checkpoint, "skills": skills}
    evaluate.run(argparse.Namespace(out=out, shard=None, parts=None, **given))
    stage = checkpoint.name if checkpoint is not None else WITH_SKILLS if skills else BASELINE
    return documents.read_document(out / f"evaluation-{stage}" / "evaluation.json", Evaluation)


def _compared(part: str, run: LeaderboardRun, found: Evaluation) -> Outcome:
    wanted = next((one for one in _measured(run) if one.stage == found.stage), None)
    if wanted is None:
        return Outcome(part=part, state="differs", why=f"{run.id} has no evaluation of the stage {found.stage!r}")
    fault = reproduction.rewards_differ(wanted, found)
    told = fault or f"all {sum(len(task.rewards) for task in found.tasks)} rewards are what they were"
    return Outcome(part=part, state="differs" if fault else "reproduced", why=told)


def _trials(run: LeaderboardRun) -> int:
    return sum(len(task.rewards) for one in _measured(run) for task in one.tasks)


def _measured(run: LeaderboardRun) -> tuple[Evaluation, ...]:
    """Return the baseline, which most runs measured themselves, and what else was evaluated."""
    return (run.baseline, *(one for one in run.evaluations if one != run.baseline))
