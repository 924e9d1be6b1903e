"""A policy of some ten thousand weights that writes tool calls: what tests of servers and trainers play with."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes import InMemoryEngine

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.model_server.client import PolicyServer
from posttrain_arena.adapters.model_server.commands import server_command
from posttrain_arena.adapters.model_server.endpoint import SILENT_SEC
from posttrain_arena.adapters.model_server.policy import BASE, ServedPolicy
from posttrain_arena.adapters.model_server.process import ModelProcess
from posttrain_arena.adapters.training.embedded import build_base
from posttrain_arena.adapters.training.sft import SftRun, run_sft
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.read import read_package
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.core.training.sequences import demonstrated_sequences
from posttrain_arena.core.trial.agents import StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.task import TaskPackage

FOLDER = documents.REPOSITORY_ROOT / "sky" / "recipes"


@dataclass(frozen=True)
class TinyPolicy:
    """A base model, two adapters on it that differ, and the tasks they were taught."""

    base: Path
    adapters: tuple[Path, Path]
    tasks: tuple[TaskPackage, ...]


def tiny_recipe(name: str = "tiny", **changes: dict[str, Any]) -> Recipe:
    """Return a recipe of the repository with a model that is made in seconds."""
    doc = copy.deepcopy(documents.to_document(read_recipe(FOLDER / f"{name}.yaml")))
    phrases = ["Copy the colour in ", " to out.", "cat ", "echo ", " > out", "list", "note", "memo", "draft"]
    doc["model"]["embedded"] |= {"hidden": 64, "heads": 2, "intermediate": 128, "phrases": phrases}
    doc["model"]["embedded"]["pretraining"] |= {"steps": 100, "batch_size": 8}
    doc["sft"] |= {"steps": 60, "batch_size": 4, "learning_rate": 0.01, "warmup_steps": 0}
    for section, values in changes.items():
        doc[section] |= values
    return documents.from_document(Recipe, doc, where=name)


def make_policy(root: Path) -> TinyPolicy:
    """Build the base model below ``root`` and teach two adapters, from other seeds, the form of an episode."""
    recipe = tiny_recipe()
    assert recipe.model.embedded is not None
    build_base(recipe.model.embedded, out=root / "base")
    packages = render_family(FAMILIES / "copy-colour", Draw(split="train", count=4, seed=0), out=root / "tasks")
    tasks = tuple(task for path in packages if (task := read_package(path, root=root)[0]) is not None)
    tokens = ChatTokens.load(root / "base")
    trials = [run_trial(TrialRequest(task=task, agent=StepwiseOracle()), InMemoryEngine()) for task in tasks]
    shown = {trial.task: demonstrated_sequences(trial, tokens, TOOLS) for trial in trials}
    adapters = []
    for seed in (0, 1):
        run = SftRun(base=root / "base", demonstrations=shown, recipe=recipe, seed=seed)
        adapters.append(run_sft(run, out=root / f"sft-{seed}").adapter)
    return TinyPolicy(base=root / "base", adapters=(adapters[0], adapters[1]), tasks=tasks)


@dataclass(frozen=True)
class Served:
    """A policy behind one of the two servers, with what it is made of."""

    policy: ServedPolicy
    process: ModelProcess
    recipe: Recipe
    tiny: TinyPolicy
    log: Path


@contextmanager
def serving(tiny: TinyPolicy, recipe: Recipe, log: Path, *, silent_sec: float = SILENT_SEC) -> Iterator[Served]:
    """Serve the base model as a recipe says; skips the test where that takes vLLM and it is not installed."""
    try:
        command = server_command(tiny.base, recipe, name=BASE)
    except UsageError as error:
        pytest.skip(str(error))
    with (
        ModelProcess(command, log=log) as process,
        PolicyServer(process.url, process=process, silent_sec=silent_sec) as server,
    ):
        policy = ServedPolicy(server=server, tokens=ChatTokens.load(tiny.base), recipe=recipe)
        yield Served(policy=policy, process=process, recipe=recipe, tiny=tiny, log=log)
