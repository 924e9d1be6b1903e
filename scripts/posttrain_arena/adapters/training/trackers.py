"""Tell the libraries' trackers where to write and what to call a stage."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents

_WITHOUT_KEY = ("offline", "disabled")
"""Modes in which wandb asks nobody for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedStage:
    """A stage as trackers know it: the folder of their files, its name, its inputs (the same inputs, the same run)."""

    folder: Path
    name: str
    inputs: Mapping[str, str]

    @property
    def digest(self) -> str:
        """What names the stage's run: 32 hexadecimal digits."""
        return documents.digest({"stage": self.name, **self.inputs}).removeprefix("sha256:")[:32]


def require_trackers(names: Sequence[str]) -> None:
    """Raise UsageError where a tracker is not installed, or would stop in the middle to ask for its key."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"the tracker {name} is not installed: pip install -c constraints.txt -e '.[trackers]'")
    if "wandb" in names and not os.environ.get("WANDB_API_KEY") and os.environ.get("WANDB_MODE") not in _WITHOUT_KEY:
        raise UsageError("the tracker wandb needs a key: set WANDB_API_KEY, or WANDB_MODE=offline")


@contextmanager
def tracked(names: Sequence[str], stage: TrackedStage) -> Iterator[None]:
    """Have the trackers write this stage while the context lasts; a stage that is resumed goes on as the same run.

    Their files lie outside of the stage's own folder, since they are no output of it. All of it goes through the
    environment, which training processes inherit.
    """
    settings = _settings(stage) if names else {}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        if "wandb" in names and "wandb" in sys.modules:
            sys.modules["wandb"].finish()
            sys.modules["wandb"].teardown()  # it has the environment in mind, and the next stage has another
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def _settings(stage: TrackedStage) -> dict[str, str]:
    stage.folder.mkdir(parents=True, exist_ok=True)
    return {
        "TENSORBOARD_LOGGING_DIR": str(stage.folder / "tensorboard" / stage.name),
        "WANDB_DIR": str(stage.folder),
        "WANDB_NAME": stage.name,
        "WANDB_RUN_ID": stage.digest,
        "WANDB_RESUME": "allow",
        "WANDB_PROJECT": os.environ.get("WANDB_PROJECT", "posttrain-arena"),
        "WANDB_SILENT": "true",
        "WANDB_CONSOLE": "off",
        "WANDB_DISABLE_GIT": "true",
        "WANDB_DISABLE_CODE": "true",
    }
