"""Choose what makes a policy trainable: peft on transformers, or Unsloth."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from posttrain_arena.errors import TrainingError
from posttrain_arena.model.recipe import RUN_DEVICES, Recipe


def prepare(recipe: Recipe) -> None:
    """Load the backend and take the server's devices from sight; call it before anything imports trl.

    Unsloth replaces trl's trainers as it is imported, and a trainer spreads over every device that it sees. Raises
    TrainingError where Unsloth is not there, or finds no GPU: it has no CPU mode.
    """
    _leave_to_server(recipe.server.devices)
    if recipe.trainer.backend == "unsloth":
        try:
            importlib.import_module("unsloth")
        except (ImportError, NotImplementedError, RuntimeError) as error:
            what = "the recipe trains with Unsloth, which does not load here"
            raise TrainingError(f"{what} (install the extra 'gpu' on a machine with a GPU): {error}") from error


def _leave_to_server(devices: tuple[int, ...] | None) -> None:
    """Keep the devices that are not the server's, or all of them where it would leave none."""
    import torch

    if RUN_DEVICES in os.environ or devices is None:
        return
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    visible = seen.split(",") if seen else [str(device) for device in range(torch.cuda.device_count())]
    mine = [name for device, name in enumerate(visible) if device not in devices]
    os.environ[RUN_DEVICES] = ",".join(visible)
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(mine or visible)


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
