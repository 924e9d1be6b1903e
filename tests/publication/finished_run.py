"""A finished run on the public sample: real weights of a tiny model, evaluations that were made up."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from small_training import small_recipe

from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.results import make_run
from posttrain_arena.cli.run_context import StageResult, stage
from posttrain_arena.cli.run_document import Publication, run_facts
from posttrain_arena.cli.training_stages import base_folder
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.training.records import write_trials
from posttrain_arena.model import documents
from posttrain_arena.model.demonstrations import DemonstratedTask, Demonstrations
from posttrain_arena.model.evaluation import Evaluation, TaskRewards
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.tree import tree_digest
from posttrain_arena.model.trial import Timings, Trial, Turn

if TYPE_CHECKING:
    from small_training import Trained

PUBLIC = documents.REPOSITORY_ROOT / "starting-kit" / "public-sample" / "suite.json"
RATES = {"base": 0.1, "sft": 0.3, "grpo": 0.7}


@dataclass(frozen=True)
class FinishedRun:
    """What ``arena publish`` is given."""

    folder: Path
    bases: Path
    run: LeaderboardRun


def finish_run(
    root: Path, trained: Trained, *, title: str = "A title", team: str = "A team", suite: Suite | None = None
) -> FinishedRun:
    """Write a run below ``root`` with its job, its result and its evaluations."""
    suite = suite or documents.read_document(PUBLIC, Suite)
    folder, bases, recipe = root / "run", root / "bases", small_recipe()
    job = _job(folder, suite, team)
    stages = _trained(folder, trained) | {"base": _base(base_folder(recipe, bases), trained)}
    for name, rate in RATES.items():
        stages[f"evaluation-{name}"] = _evaluated(folder, name, stages[name].digest, suite, rate)
    publication = Publication(title=title, attempt=1, exhibition="", hardware="2 cores", versions={"trl": "1.14.2"})
    run = make_run(run_facts(recipe, job, stages, publication))
    documents.write_document(folder / "run.json", run)
    return FinishedRun(folder=folder, bases=bases, run=run)


def _job(folder: Path, suite: Suite, team: str) -> Job:
    entry = folder / "entry"
    render_family(FAMILIES / "copy-colour", Draw(split="train", count=3, seed=0), out=entry / "envs")
    manifest = {"team_name": "A team", "track": "environments", "contact_email": "a@example.org", "license": "MIT"}
    (entry / "submission.yaml").write_text(json.dumps(manifest), encoding="utf-8")
    documents.write_document(folder / "recipe.json", small_recipe())
    recipe = documents.digest(documents.to_document(small_recipe()))
    job = Job(
        entry=EntryRef(name="team-a", team=team, track="environments", path="entry", digest=tree_digest(entry)),
        recipe=RecipeRef(path="recipe.json", digest=recipe),
        suite=SuiteRef(name=suite.name, digest=documents.digest(documents.to_document(suite))),
        seed=0,
    )
    documents.write_document(folder / "job.json", job)
    return job


def _base(folder: Path, trained: Trained) -> StageResult:
    def work(out: Path) -> dict[str, Any]:
        shutil.copytree(trained.base, out / "model")
        return {}

    return stage(folder, {"model": "m"}, work)


def _trained(folder: Path, trained: Trained) -> dict[str, StageResult]:
    def demonstrations(out: Path) -> dict[str, Any]:
        none = {"lost": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0}
        tasks = [DemonstratedTask(task=f"t-{i}", attempts=1, passed=int(i > 0), **none) for i in range(3)]
        documents.write_document(out / "demonstrations.json", Demonstrations(teacher="oracle", tasks=tuple(tasks)))
        return {}

    def sft(out: Path) -> dict[str, Any]:
        shutil.copytree(trained.sft / "adapter", out / "adapter")
        _rows(out, [{"step": 0, "validation_loss": 3.0}, {"step": 1, "loss": 2.5}, {"step": 2, "loss": 2.0}])
        _rows(out, [{"step": 2, "validation_loss": 2.25}])
        return {"step": 1}

    def grpo(out: Path) -> dict[str, Any]:
        shutil.copytree(trained.sft / "adapter", out / "adapter")
        seconds = dict.fromkeys(
            ("rollout_sec", "start_sec", "agent_sec", "model_sec", "capture_sec", "verify_sec"), 1.0
        )
        counts = {"trials": 8, "timeouts": 0, "failed_trials": 0, "lost_trials": 0, "trials_per_sec": 8.0}
        _rows(
            out,
            [{"step": step, "reward": 0.1 * step, "pass_rate": 0.1 * step} | seconds | counts for step in (1, 2, 3, 4)],
        )
        return {"steps": 4}

    works = {"demonstrations": demonstrations, "sft": sft, "grpo": grpo}
    return {name: stage(folder / name, {"of": name}, work) for name, work in works.items()}


def _rows(folder: Path, rows: list[dict[str, Any]]) -> None:
    with (folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def _evaluated(folder: Path, name: str, checkpoint: str, suite: Suite, rate: float) -> StageResult:
    rng = random.Random(name)
    rewards = {task.id: tuple(float(rng.random() < rate) for _ in range(2)) for task in suite.tasks}
    evaluation = Evaluation(
        stage=name,
        checkpoint=checkpoint,
        suite=suite.name,
        suite_digest=documents.digest(documents.to_document(suite)),
        trials_per_task=2,
        seed=0,
        tasks=tuple(
            TaskRewards(id=task.id, digest=task.digest, domain=task.domain, group=task.group, rewards=rewards[task.id])
            for task in suite.tasks
        ),
    )

    def work(out: Path) -> dict[str, Any]:
        documents.write_document(out / "evaluation.json", evaluation)
        write_trials(out / "trials.jsonl", _trials(suite, rewards))
        names = (
            "trials",
            "trials_per_sec",
            "timeouts",
            "start_sec",
            "agent_sec",
            "model_sec",
            "capture_sec",
            "verify_sec",
        )
        return dict.fromkeys(names, 1)

    return stage(folder / f"evaluation-{name}", {"checkpoint": checkpoint}, work)


def _trials(suite: Suite, rewards: dict[str, tuple[float, ...]]) -> Iterator[Trial]:
    for task in suite.tasks:
        for attempt, reward in enumerate(rewards[task.id]):
            yield Trial(
                task=task.id,
                task_digest=task.digest,
                agent="chat",
                attempt=attempt,
                seed=attempt,
                isolation="fresh",
                image="sha256:" + "0" * 64,
                reward=reward,
                passed=reward == 1.0,
                exit_reason="submitted",
                failure=None,
                timings=Timings(),
                trajectory=(Turn(role="assistant", content="I look at the files."),),
            )
