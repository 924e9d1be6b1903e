"""The options that say on what a run or an evaluation of the track agents runs, and with which base model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.cli.run_context import RunContext
from posttrain_arena.cli.training_stages import base_stage
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.competition import AgentRuns

if TYPE_CHECKING:
    from posttrain_arena.adapters.agents.bench import Machine

COMPETITION = documents.REPOSITORY_ROOT / "competition.yaml"
EMBEDDED = documents.REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml"
EMBEDDED_RUNS = AgentRuns(budget_sec=120.0, benchmarks=("tiny-reasoning", "tiny-regression"), hosts=())
"""What holds with the embedded base model; with any other it is competition.yaml."""


def add_machine_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--base", type=Path, metavar="DIR", help="folder of the base model (default: the tiny model)")
    parser.add_argument("--base-name", default="", help="the base model's name (default: that of its folder)")
    parser.add_argument("--benchmark", help="what counts (default: the first of the rules)")
    parser.add_argument(
        "--image", default="", help="image with Python, torch and transformers (default: the base image)"
    )
    parser.add_argument("--cpus", type=float, default=2.0, help="CPU cores of the container (default 2)")
    parser.add_argument("--memory-mb", type=int, default=8192, help="memory of the container (default 8192)")
    parser.add_argument("--storage-mb", type=int, default=4096, help="disk of the container (default 4096)")
    parser.add_argument("--gpus", action="store_true", help="give the container all GPUs of the machine")
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="where published benchmarks lie: benchmark-data document"
    )


def whole_number(text: str) -> int:
    """Return a number of 0 or more; raises ArgumentTypeError for what is none."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def rules_of(arguments: argparse.Namespace) -> AgentRuns:
    """Return what holds for runs of the base model that the options name."""
    return EMBEDDED_RUNS if arguments.base is None else read_competition(COMPETITION).agent_runs


def machine_of(arguments: argparse.Namespace, hosts: tuple[str, ...] = ()) -> Machine:
    """Return the machine that the options describe."""
    from posttrain_arena.adapters.agents.bench import Machine

    own = {"image": arguments.image} if arguments.image else {}
    return Machine(
        cpus=arguments.cpus,
        memory_mb=arguments.memory_mb,
        storage_mb=arguments.storage_mb,
        gpus=arguments.gpus,
        hosts=hosts,
        **own,
    )


def base_of(arguments: argparse.Namespace, engine: Engine) -> tuple[str, Path]:
    """Return name and folder of the base model, which is built first where it is the embedded one."""
    folder: Path | None = arguments.base
    if folder is None:
        recipe = read_recipe(EMBEDDED)
        context = RunContext(recipe=recipe, seed=0, engine=engine, out=arguments.bases, bases=arguments.bases)
        built = base_stage(context, lambda share, note: None)
        return recipe.name, built.folder / "model"
    if not (folder / "config.json").is_file():
        raise UsageError(f"{folder}: no model there: name the folder that holds its config.json")
    return arguments.base_name or folder.resolve().name.lower(), folder
