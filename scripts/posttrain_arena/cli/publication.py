"""Gather what is published of a run, and lay it out as the folder that a model repository shall hold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.cli.evaluation_stage import TRIALS
from posttrain_arena.cli.job_files import read_entry, read_training_job
from posttrain_arena.cli.training_stages import base_folder
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.leaderboard.verify import run_drift
from posttrain_arena.core.publication.card import CardFacts, model_card
from posttrain_arena.core.publication.licences import FILE, licence
from posttrain_arena.core.publication.permission import evaluations, require_of_suite, require_public
from posttrain_arena.core.scoring.score import score, stage_rates
from posttrain_arena.core.training.records import read_trials
from posttrain_arena.core.training.stages import MANIFEST, output_digest, whole
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.demonstrations import Demonstrations
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.submission import Submission

MARK = "report/run.json"
"""What every publication has, and other folders and repositories have not."""

ADAPTER = ("adapter_model.safetensors", "fingerprint.json")
REPORTED = (MANIFEST, "metrics.jsonl", "demonstrations.json", "evaluation.json")
TRAINED = ("demonstrations", "sft", "grpo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finished run that may be published. ``folders`` has every stage's folder, each whole and the run's own."""

    run: LeaderboardRun
    recipe: Recipe
    submission: Submission
    environments: int
    folders: Mapping[str, Path]


def find_run(folder: Path, *, job: Path, result: Path, measured: Sequence[Path]) -> Found:
    """Return the run whose stages lie in ``folder`` and whose evaluations lie in the folders ``measured``.

    Raises UsageError where its suite is not public, its numbers do not follow from its rewards, or a file is not the
    one that the run was made of; ArenaError where a stage is damaged.
    """
    run = documents.read_document(result, LeaderboardRun)
    require_public(run, read_competition(documents.REPOSITORY_ROOT / "competition.yaml"))
    if faults := run_drift(run, score=score, stage_rates=stage_rates):
        raise UsageError(f"{result}: {faults[0]}: build the run again from its evaluations")
    pinned, recipe = read_training_job(job)
    if pinned.digest != run.job:
        raise UsageError(f"{job}: not the job of {run.id} ({pinned.digest}, not {run.job}): name it with --job")
    tasks = read_entry(job, pinned)
    folders = {stage: folder / stage for stage in TRAINED}
    weights = output_digest(whole(folders[run.scored_stage]))
    if weights != run.checkpoint:
        raise UsageError(f"{folders[run.scored_stage]}: not the weights of {run.id} ({weights}, not {run.checkpoint})")
    for stage in TRAINED:
        whole(folders[stage])
    return Found(
        run=run,
        recipe=recipe,
        submission=documents.read_document(job.parent / pinned.entry.path / "submission.yaml", Submission),
        environments=len(tasks),
        folders=folders | {f"evaluation-{one.stage}": _evaluation(one, measured) for one in evaluations(run)},
    )


def _evaluation(wanted: Evaluation, measured: Sequence[Path]) -> Path:
    for above in measured:
        folder = above / f"evaluation-{wanted.stage}"
        if not (folder / MANIFEST).exists():
            continue
        whole(folder)
        if documents.read_document(folder / "evaluation.json", Evaluation) == wanted:
            require_of_suite(read_trials(folder / TRIALS), wanted)
            return folder
    where = ", ".join(str(above) for above in measured)
    raise UsageError(f"the evaluation of {wanted.stage} is not in {where}: name its folder with --evaluations")


def lay_out(found: Found, out: Path, *, repo: str, bases: Path | None) -> None:
    """Write everything that is published to ``out``; with ``bases`` the merged model as well.

    Raises UsageError where ``out`` holds something else.
    """
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(f"{out}: holds files that are no publication: choose an empty folder")
    shutil.rmtree(out, ignore_errors=True)
    documents.write_document(out / MARK, found.run)
    documents.write_document(out / "report" / "recipe.json", found.recipe)
    for stage, folder in found.folders.items():
        for name in REPORTED:
            if (folder / name).exists():
                _copy(folder / name, out / "report" / stage / name)
    for one in evaluations(found.run):
        _copy(found.folders[f"evaluation-{one.stage}"] / TRIALS, out / "trajectories" / f"{one.stage}.jsonl")
    _weights(found, out, bases)
    terms = licence(found.submission.license, found.recipe)
    if terms.text:
        documents.write_bytes(out / FILE, terms.text.encode())
    shown = documents.read_document(found.folders["demonstrations"] / "demonstrations.json", Demonstrations)
    card = CardFacts(
        repo=repo,
        run=found.run,
        recipe=found.recipe,
        licence=terms,
        environments=found.environments,
        shown=sum(task.passed > 0 for task in shown.tasks),
        merged=bases is not None,
    )
    documents.write_bytes(out / "README.md", model_card(card).encode())


def _weights(found: Found, out: Path, bases: Path | None) -> None:
    adapter = found.folders[found.run.scored_stage] / "adapter"
    for name in ADAPTER:
        _copy(adapter / name, out / name)
    hub = found.recipe.model.hub
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    # A run's own adapter names no base model: where it lay on the machine that trained says nothing to others.
    config |= {"base_model_name_or_path": hub.repo if hub else None, "revision": hub.revision if hub else None}
    documents.write_bytes(out / "adapter_config.json", documents.encode(config))
    if bases is not None:
        from posttrain_arena.adapters.training.merge import merge_adapter

        base = base_folder(found.recipe, bases)
        if output_digest(whole(base)) != found.run.base_model:
            raise UsageError(f"{base}: not the base model of {found.run.id}: name its folder with --bases")
        merge_adapter(base / "model", adapter, out=out / "merged", dtype=found.recipe.trainer.dtype)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
