"""Turn what a run's stages left on disk into the facts of a leaderboard run."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from posttrain_arena.cli.run_context import StageResult
from posttrain_arena.core.leaderboard.runs import RunFacts, series
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.model import documents
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.job import Job, Track
from posttrain_arena.model.leaderboard_run import Entry, Pin, Series, TrialStats
from posttrain_arena.model.reference_agent import Acting

CURVES = {
    "sft": (("loss", "nats"), ("validation_loss", "nats"), ("mean_token_accuracy", "")),
    "grpo": (
        ("reward", ""),
        ("pass_rate", ""),
        ("reward_std", ""),
        ("frac_reward_zero_std", ""),
        ("loss", ""),
        ("grad_norm", ""),
        ("entropy", "nats"),
        ("sampler_kl", "nats"),
        ("weights_capped", ""),
        ("staleness", "updates"),
        ("sync_gap", "nats"),
        ("groups_replaced", "groups"),
        ("timeouts", "trials"),
        ("failed_trials", "trials"),
        ("lost_trials", "trials"),
        ("trials_per_sec", "1/s"),
        ("step_sec", "s"),
    ),
}
"""The metrics that are published, with their units; a metric that a stage did not write is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is said of a run besides its results: the entry's title, the number of its scored run, where it ran.

    ``sources``, ``gpu_hours`` and ``cost_usd`` are those of a launch on rented machines, and are left out elsewhere.
    """

    title: str
    attempt: int
    exhibition: str
    hardware: str
    versions: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    gpu_hours: float | None = None
    cost_usd: float | None = None


EVALUATED: Mapping[Track, tuple[str, ...]] = {"environments": ("base", "sft", "grpo"), "skills": ("base", "skills")}
"""What is evaluated on a track: the baseline first, what is scored last."""


def run_facts(recipe: Acting, job: Job, stages: Mapping[str, StageResult], publication: Publication) -> RunFacts:
    """Read the stages ``base``, of a training ``sft`` and ``grpo``, and ``evaluation-*`` of one run."""
    evaluated = EVALUATED[job.entry.track]
    evaluations = tuple(_evaluation(stages[f"evaluation-{stage}"]) for stage in evaluated)
    folders = {stage: stages[stage].folder for stage in CURVES if stage in stages}
    rollouts = (_rollouts(_rows(folders["grpo"])),) if "grpo" in folders else ()
    entry = job.entry
    return RunFacts(
        entry=Entry(name=entry.name, team=entry.team, title=publication.title, track=entry.track, digest=entry.digest),
        job=job.digest,
        recipe=Pin(name=recipe.name, digest=job.recipe.digest),
        base_model=stages["base"].digest,
        seed=job.seed,
        baseline=evaluations[0],
        evaluations=evaluations,
        scored_stage=evaluated[-1],
        attempt=publication.attempt,
        exhibition=publication.exhibition,
        curves=curves_of(folders),
        checkpoint_steps=_checkpoint_steps(stages),
        trials=(*rollouts, *(_trials(stage, stages[f"evaluation-{stage}"]) for stage in evaluated)),
        versions=dict(publication.versions),
        sources=dict(publication.sources),
        gpu_hours=publication.gpu_hours,
        cost_usd=publication.cost_usd,
        hardware=publication.hardware,
        wall_sec={name: stage.manifest.seconds for name, stage in stages.items()},
    )


def _evaluation(stage: StageResult) -> Evaluation:
    return documents.read_document(stage.folder / "evaluation.json", Evaluation)


def curves_of(folders: Mapping[str, Path]) -> tuple[Series, ...]:
    """Return the curves of the training stages whose folders are given by name."""
    return tuple(curve for stage, folder in folders.items() for curve in _curves(stage, _rows(folder)))


def _rows(folder: Path) -> list[dict[str, float]]:
    return read_metrics(folder / "metrics.jsonl")


def _curves(stage: str, rows: Sequence[Mapping[str, float]]) -> list[Series]:
    steps: dict[int, dict[str, float]] = {}  # a step that was measured has a second row
    for row in rows:
        steps.setdefault(int(row["step"]), {}).update(row)
    return [
        series(stage, name, [(step, steps[step].get(name)) for step in sorted(steps)], unit=unit)
        for name, unit in CURVES[stage]
        if any(name in row for row in rows)
    ]


def _checkpoint_steps(stages: Mapping[str, StageResult]) -> dict[str, int]:
    keys = {"sft": "step", "grpo": "steps"}
    facts = {stage: stages[stage].manifest.facts.get(key) for stage, key in keys.items() if stage in stages}
    return {stage: step for stage, step in facts.items() if isinstance(step, int)}


def _rollouts(rows: Sequence[Mapping[str, float]]) -> TrialStats:
    def total(name: str) -> float:
        return round(sum(row[name] for row in rows), 3)

    trials, seconds = int(total("trials")), total("rollout_sec")
    return TrialStats(
        stage="grpo rollouts",
        trials=trials,
        trials_per_sec=round(trials / seconds, 3) if seconds else 0.0,
        timeouts=int(total("timeouts")),
        start_sec=total("start_sec"),
        agent_sec=total("agent_sec"),
        model_sec=total("model_sec"),
        capture_sec=total("capture_sec"),
        verify_sec=total("verify_sec"),
    )


def _trials(name: str, stage: StageResult) -> TrialStats:
    facts = stage.manifest.facts
    numbers = {key: float(value) for key, value in facts.items() if isinstance(value, (int, float))}
    return TrialStats(
        stage=f"evaluation {name}",
        trials=int(numbers["trials"]),
        trials_per_sec=numbers["trials_per_sec"],
        timeouts=int(numbers["timeouts"]),
        start_sec=numbers["start_sec"],
        agent_sec=numbers["agent_sec"],
        model_sec=numbers["model_sec"],
        capture_sec=numbers["capture_sec"],
        verify_sec=numbers["verify_sec"],
    )


def hardware() -> str:
    """Return this machine in words."""
    model = _value(Path("/proc/cpuinfo"), "model name") or platform.machine()
    names = [_value(path, "Model") for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))]
    return ", ".join([f"{os.cpu_count()} CPU cores", model, *names])


def _value(path: Path, key: str) -> str:
    return next((line.partition(":")[2].strip() for line in _lines(path) if line.startswith(key)), "")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
