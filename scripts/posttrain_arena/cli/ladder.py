"""Wire the ladder to a Docker engine for ``arena check --level publication-grade``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.trial.ladder import LadderResult, climb_all
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

__all__ = ["LadderResult", "trial_findings"]


def trial_findings(packages: Sequence[TaskPackage], *, announce: Callable[[str], None]) -> dict[str, LadderResult]:
    """Return each package's result by its digest; ``announce`` hears one line per trial."""

    def told(trial: Trial) -> None:
        outcome = trial.failure.reason if trial.failure else f"reward {trial.reward}"
        announce(f"{trial.task}: {trial.agent}: {outcome}")

    with DockerEngine() as engine:
        results = climb_all(packages, engine, concurrency=(os.cpu_count() or 2), on_trial=told)
    return {package.digest: result for package, result in zip(packages, results, strict=True)}
