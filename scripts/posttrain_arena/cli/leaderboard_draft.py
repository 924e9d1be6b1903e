"""Put a run document together from the stages of one machine: what a launch's collector does for rented ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.adapters.versions import library_versions
from posttrain_arena.cli.job_files import read_job
from posttrain_arena.cli.private_files import require_untracked
from posttrain_arena.cli.results import make_run
from posttrain_arena.cli.run_context import StageResult
from posttrain_arena.cli.run_document import EVALUATED, Publication, hardware, run_facts
from posttrain_arena.cli.training_stages import base_folder
from posttrain_arena.core.training.stages import whole
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job
from posttrain_arena.model.submission import Submission
from posttrain_arena.model.suite import SEALED


def add_draft(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``draft``."""
    parser.add_argument("--job", type=Path, required=True, metavar="FILE", help="the job document (job.json)")
    parser.add_argument("--stages", type=Path, metavar="DIR", help="folder with sft and grpo; none for skills")
    parser.add_argument("--evaluations", type=Path, required=True, metavar="DIR", help="folder with evaluation-*")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the run document to write")
    parser.add_argument("--attempt", type=int, default=1, metavar="N", help="number of the entry's scored run (1)")
    parser.add_argument("--exhibition", default="", metavar="REASON", help="publish it unranked, for this reason")
    parser.add_argument("--bases", type=Path, default=Path(".arena/bases"), help="folder of base models (.arena/bases)")


def run_draft(arguments: argparse.Namespace) -> int:
    """Write the run; one on the sealed suite only where no repository would take it up."""
    job, recipe = read_job(arguments.job)
    if job.suite.name == SEALED:
        require_untracked(arguments.out)
    folders = {
        "base": base_folder(recipe, arguments.bases),
        **_trained(arguments, job),
        **{f"evaluation-{name}": arguments.evaluations / f"evaluation-{name}" for name in EVALUATED[job.entry.track]},
    }
    stages = {
        name: StageResult(folder=folder, manifest=whole(folder), skipped=True) for name, folder in folders.items()
    }
    submission = documents.read_document(arguments.job.parent / job.entry.path / "submission.yaml", Submission)
    publication = Publication(
        title=submission.title,
        attempt=arguments.attempt,
        exhibition=arguments.exhibition,
        hardware=hardware(),
        versions=library_versions(recipe),
    )
    run = make_run(run_facts(recipe, job, stages, publication))
    documents.write_document(arguments.out, run)
    print(f"wrote {arguments.out}: {run.id}")
    return 0


def _trained(arguments: argparse.Namespace, job: Job) -> dict[str, Path]:
    if job.entry.track == "skills":
        return {}
    if arguments.stages is None:
        raise UsageError("name the folder of the trained stages with --stages DIR")
    return {name: arguments.stages / name for name in ("demonstrations", "sft", "grpo")}
