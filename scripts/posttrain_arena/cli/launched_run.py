"""Write the leaderboard run of a launch from what its machines sent home."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from posttrain_arena.cli.evaluation_stage import WITH_SKILLS
from posttrain_arena.cli.job_files import read_job
from posttrain_arena.cli.launch_desk import results
from posttrain_arena.cli.results import make_run
from posttrain_arena.cli.run_context import StageResult
from posttrain_arena.cli.run_document import EVALUATED, Publication, run_facts
from posttrain_arena.core.launch.ledger import find
from posttrain_arena.core.launch.task import gpu_hours
from posttrain_arena.core.training.stages import MANIFEST
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.job import Job
from posttrain_arena.model.launch import Launch
from posttrain_arena.model.manifest import Manifest
from posttrain_arena.model.node_report import NodeReport
from posttrain_arena.model.reference_agent import equipped


def write_run(ledger: Path, launch: Launch) -> Path | None:
    """Write ``run.json`` beside the launch's results and return its path; None where something is not done yet.

    Raises ArenaError where the job is not the one that was launched, or the machine that evaluated had other weights or
    another suite than the job says.
    """
    baseline = find(ledger, launch.baseline) if launch.baseline else None
    if baseline is None or not (_succeeded(launch) and _succeeded(baseline)):
        return None
    job, recipe = read_job(ledger / launch.name / "job.json")
    if job.digest != launch.job:
        raise ArenaError(f"{launch.name}: its job.json is {job.digest}, and {launch.job} was launched")
    stages, report = _stages(ledger, launch, baseline.name)
    for name in EVALUATED[job.entry.track]:
        _require(stages[f"evaluation-{name}"], _evaluated(name, stages, job), job.suite.digest)
    publication = Publication(
        title=launch.title,
        attempt=launch.attempt,
        exhibition=launch.exhibition,
        hardware=report.hardware,
        versions=report.versions,
        sources=_sources(launch),
        gpu_hours=gpu_hours(recipe, launch.stages),
        cost_usd=round(sum(stage.cost_usd for stage in launch.stages), 2),
    )
    path = ledger / launch.name / "run.json"
    documents.write_document(path, make_run(run_facts(recipe, job, stages, publication)))
    return path


def _stages(ledger: Path, launch: Launch, baseline: str) -> tuple[dict[str, StageResult], NodeReport]:
    """Return the stages that a launch's machines sent home, and what the first of them said of itself."""
    first = launch.stages[0].stage
    own = results(ledger, launch.name, first)
    stages = {"evaluation-base": _stage(results(ledger, baseline, "baseline") / "evaluation-base")}
    if first == "post-train":
        evaluated = results(ledger, launch.name, "evaluate")
        stages |= {name: _stage(own / name) for name in ("base", "demonstrations", "sft", "grpo")}
        stages |= {name: _stage(evaluated / name) for name in ("evaluation-sft", "evaluation-grpo")}
    else:
        stages |= {name: _stage(own / name) for name in ("base", f"evaluation-{WITH_SKILLS}")}
    return stages, documents.read_document(own / "reports" / f"{first}.json", NodeReport)


def _evaluated(name: str, stages: Mapping[str, StageResult], job: Job) -> str:
    """Return the digest of what must have been evaluated: a stage's weights, or the agent with the job's skills."""
    return equipped(stages["base"].digest, job.entry.digest) if name == WITH_SKILLS else stages[name].digest


def _sources(launch: Launch) -> dict[str, str]:
    named = {"launch": launch.name, "commit of the entry": launch.head}
    if launch.pull is not None:
        named["pull request"] = f"#{launch.pull}"
    return {name: value for name, value in named.items() if value}


def _succeeded(launch: Launch) -> bool:
    return all(stage.state == "succeeded" for stage in launch.stages)


def _stage(folder: Path) -> StageResult:
    manifest = documents.read_document(folder / MANIFEST, Manifest)
    return StageResult(folder=folder, manifest=manifest, skipped=True)


def _require(evaluation: StageResult, checkpoint: str, suite: str) -> None:
    found = documents.read_document(evaluation.folder / "evaluation.json", Evaluation)
    if (found.checkpoint, found.suite_digest) != (checkpoint, suite):
        was = f"{found.checkpoint} on {found.suite_digest}"
        raise ArenaError(f"{evaluation.folder}: {was} was evaluated, not {checkpoint} on {suite}")
