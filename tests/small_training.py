"""A model of a few thousand weights and its training: the real stages in seconds."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes import InMemoryEngine, ScriptedRollout

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.embedded import build_base
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.read import read_package
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.training.sequences import TokenSequence, demonstrated_sequences
from posttrain_arena.core.trial.agents import StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe

TASKS = ("one", "two", "three", "four")
STEPS = 4


def small_recipe(**changes: dict[str, Any]) -> Recipe:
    path = documents.REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml"
    doc = copy.deepcopy(documents.to_document(documents.read_document(path, Recipe)))
    doc["model"]["embedded"] |= {"hidden": 32, "heads": 1, "intermediate": 32, "phrases": ["cat ", "echo ", " > out"]}
    doc["model"]["embedded"]["pretraining"] |= {"steps": 2, "batch_size": 2}
    doc["sft"] |= {"steps": 2, "batch_size": 2, "warmup_steps": 0}
    doc["grpo"] |= {"steps": STEPS, "tasks_per_step": 2, "generations": 4, "warmup_steps": 0}
    for section, values in changes.items():
        doc[section] |= values
    return documents.from_document(Recipe, doc, where="recipe")


@dataclass(frozen=True)
class Trained:
    """A base model and the adapter after SFT."""

    base: Path
    sft: Path
    demonstrations: dict[str, list[TokenSequence]]


def run_small_grpo(
    trained: Trained, out: Path, rollout: ScriptedRollout, *, tasks: tuple[str, ...] = TASKS, recipe: Recipe | None
) -> int:
    """Run GRPO; return the step it resumed from."""
    from posttrain_arena.adapters.training.grpo import GrpoRun, run_grpo

    run = GrpoRun(
        base=trained.base,
        adapter=trained.sft / "adapter",
        tasks=tasks,
        actor=rollout,
        recipe=recipe or small_recipe(),
        seed=3,
    )
    return run_grpo(run, out=out).resumed_from_step


def train_small(root: Path) -> Trained:
    """Pre-train, demonstrate and imitate, all in a few steps."""
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    recipe = small_recipe()
    build_base(recipe.model.embedded, out=root / "base")
    packages = render_family(FAMILIES / "copy-colour", Draw(split="train", count=3, seed=0), out=root / "tasks")
    tasks = [task for path in packages if (task := read_package(path, root=root)[0]) is not None]
    assert len(tasks) == 3
    trials = [run_trial(TrialRequest(task=task, agent=StepwiseOracle()), InMemoryEngine()) for task in tasks]
    tokens = ChatTokens.load(root / "base")
    demonstrations = {trial.task: demonstrated_sequences(trial, tokens, TOOLS) for trial in trials}
    run_sft(SftRun(base=root / "base", demonstrations=demonstrations, recipe=recipe, seed=0), out=root / "sft")
    return Trained(base=root / "base", sft=root / "sft", demonstrations=demonstrations)
