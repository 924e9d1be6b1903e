"""Choose what makes a policy trainable: peft on transformers, or Unsloth."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import RUN_DEVICES, Recipe

TRAINER_DEVICES = "ARENA_TRAINER_DEVICES"
"""The environment variable with the devices of a run that are the trainer's, as CUDA names them."""


def prepare(recipe: Recipe) -> None:
    """Load the backend and leave one device in sight; call it before anything imports trl.

    Unsloth replaces trl's trainers as it is imported. A trainer puts a copy of the model on every device that it sees
    and multiplies its batch by their number: processes of their own get theirs from ``devices_of``. Raises
    TrainingError where Unsloth is not there, or finds no GPU: it has no CPU mode.
    """
    _part_devices(recipe.server.devices or ())
    if recipe.trainer.backend == "unsloth":
        try:
            importlib.import_module("unsloth")
        except (ImportError, NotImplementedError, RuntimeError) as error:
            what = "the recipe trains with Unsloth, which does not load here"
            raise TrainingError(f"{what} (install the extra 'gpu' on a machine with a GPU): {error}") from error


def devices_of(processes: int) -> dict[str, str]:
    """Return the variables with which so many processes see a device each; none on a machine without any.

    Raises TrainingError where the server leaves too few.
    """
    mine = os.environ.get(TRAINER_DEVICES)
    if mine is None:
        return {}
    names = mine.split(",")
    if len(names) < processes:
        what = f"trainer/processes: {processes} need a device each, and {len(names)} are left beside server/devices"
        raise TrainingError(f"{what}: lower the one, or take a machine with more for the other")
    return {"CUDA_VISIBLE_DEVICES": ",".join(names[:processes])}


def _part_devices(servers: tuple[int, ...]) -> None:
    """Give the trainer what is not the server's, or all where that is nothing, and this process the first of it."""
    import torch

    if RUN_DEVICES in os.environ:
        return
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    visible = seen.split(",") if seen else [str(device) for device in range(torch.cuda.device_count())]
    if not visible:
        return
    mine = [name for device, name in enumerate(visible) if device not in servers] or visible
    os.environ[RUN_DEVICES] = ",".join(visible)
    os.environ[TRAINER_DEVICES] = ",".join(mine)
    os.environ["CUDA_VISIBLE_DEVICES"] = mine[0]


def unsloth_policy(base: Path, recipe: Recipe, adapter: Path | None, *, seed: int) -> Any:
    """Return the base model under Unsloth's kernels with a LoRA adapter, new or read from ``adapter``.

    The same adapter on the same linear layers as peft's, so that either backend goes on with the other's.
    """
    from unsloth import FastLanguageModel

    model, _ = FastLanguageModel.from_pretrained(
        model_name=str(base),
        max_seq_length=recipe.model.context,
        dtype=recipe.trainer.dtype,
        load_in_4bit=False,
        fast_inference=False,
    )
    model = FastLanguageModel.get_peft_model(
        model,
        r=recipe.lora.rank,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        use_gradient_checkpointing="unsloth" if recipe.trainer.gradient_checkpointing else False,
        random_state=seed,
    )
    if adapter is not None:
        from peft import load_peft_weights, set_peft_model_state_dict

        unknown = set_peft_model_state_dict(model, load_peft_weights(str(adapter))).unexpected_keys
        if unknown:
            raise TrainingError(f"{adapter}: not an adapter of this base model: {', '.join(unknown[:3])}")
    return model
