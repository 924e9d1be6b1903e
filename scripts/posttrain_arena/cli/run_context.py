"""What every stage of a run is given, and how a stage is run."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from posttrain_arena.core.training.stages import output_digest, run_stage
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import TrialRequest
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.core.trial.supply import Supply, for_trials
from posttrain_arena.model import documents
from posttrain_arena.model.manifest import Fact, Manifest
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.trial import Trial

Tick: TypeAlias = Callable[[float, str], None]
"""Hears how much of a stage is done, from 0 to 1, and a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """A stage that is done: its folder, its manifest, and whether an earlier run had done it."""

    folder: Path
    manifest: Manifest
    skipped: bool

    @property
    def digest(self) -> str:
        """The digest of everything the stage gave."""
        return output_digest(self.manifest)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationContext:
    """What is evaluated by: a recipe or a reference agent, a seed, an engine, the folder, and that of base models."""

    recipe: Acting
    seed: int
    engine: Engine
    out: Path
    bases: Path

    @property
    def recipe_digest(self) -> str:
        """The digest that names the recipe, or the agent, in every result."""
        return documents.digest(documents.to_document(self.recipe))

    def inputs(self, **more: str) -> dict[str, str]:
        """Return a stage's inputs: the recipe and the seed are among them."""
        return {"recipe": self.recipe_digest, "seed": str(self.seed), **more}

    def log(self, name: str) -> Path:
        """Return the path of a log that is no stage's output."""
        return self.out / "logs" / f"{name}.log"

    def trials(
        self,
        requests: Sequence[TrialRequest],
        concurrency: int,
        tick: Tick,
        keep: Callable[[Trial], None] = lambda trial: None,
    ) -> list[Trial]:
        """Run trials, ``keep`` each as it ends, and tell how far they are.

        Each command has the cores that its task declares, so that no time-out depends on how many trials run beside it.
        """
        lock, ended, passed = threading.Lock(), 0, 0

        def count(trial: Trial) -> None:
            nonlocal ended, passed
            keep(trial)
            with lock:
                ended += 1
                passed += trial.passed
                tick(ended / len(requests), f"{passed} of {ended} trials passed")

        cores = Supply(for_trials(os.cpu_count() or 2))
        paced = [replace(request, cores=cores) for request in requests]
        return run_trials(paced, self.engine, concurrency=concurrency, on_trial=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext(EvaluationContext):
    """One run that trains, by a recipe; ``trackers`` hear of its training and decide nothing of it."""

    recipe: Recipe
    trackers: tuple[str, ...] = ()


def stage(folder: Path, inputs: Mapping[str, str], work: Callable[[Path], Mapping[str, Fact]]) -> StageResult:
    """Run a stage unless it is done for these inputs; one that was done and is no longer whole is named."""
    manifest, skipped = run_stage(folder, inputs, work, tell=lambda text: print(f"arena: {text}", file=sys.stderr))
    return StageResult(folder=folder, manifest=manifest, skipped=skipped)
