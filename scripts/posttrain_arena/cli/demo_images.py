"""Build the images of a demo's packages, which all must build."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from posttrain_arena.cli.progress import StepLine
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.errors import ArenaError
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Failure

BUILDERS = 4
"""Images built at once: each build waits for the engine most of the time."""


def build_images(engine: Engine, tasks: Sequence[TaskPackage], line: StepLine) -> None:
    """Build them and count them on the step's line; raises ArenaError for one that does not build."""
    with ThreadPoolExecutor(BUILDERS) as pool:
        for number, image in enumerate(pool.map(engine.build, tasks), start=1):
            if isinstance(image, Failure):
                raise ArenaError(f"a package of the kit does not build: {image.detail}")
            line.update(number / len(tasks), f"{number} images")
