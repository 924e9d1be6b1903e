"""Read a trainer's log as it is written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback

from posttrain_arena.errors import TrainingError


class StepCallback(TrainerCallback):  # type: ignore[misc]
    """Hands each step's finite metrics on to ``on_step``, which ends the training by returning True.

    Raises TrainingError at the first loss that is not finite.
    """

    def __init__(self, on_step: Callable[[dict[str, float | int]], bool | None]) -> None:
        self._on_step = on_step

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Read one step's log; the trainer's summary at the end of a run is not a step."""
        if not logs or "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise TrainingError(f"the loss is {logs['loss']} at step {state.global_step}: no checkpoint can come of it")
        finite = {
            name: value for name, value in logs.items() if isinstance(value, (int, float)) and math.isfinite(value)
        }
        if self._on_step({"step": int(state.global_step), **finite}):
            control.should_training_stop = True
