"""Load a policy: a base model with a LoRA adapter that can be trained."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import datasets
import torch
from accelerate.utils import GradientAccumulationPlugin
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, set_seed
from transformers.utils import logging

from posttrain_arena.adapters.training.backends import unsloth_policy
from posttrain_arena.adapters.training.fingerprints import take_fingerprint
from posttrain_arena.adapters.training.sharding import sharding_arguments, trained_weights
from posttrain_arena.errors import TrainingError
from posttrain_arena.model import documents
from posttrain_arena.model.fingerprint import FINGERPRINT
from posttrain_arena.model.recipe import Lora, Recipe

ADAPTER_FILE = "adapter_model.safetensors"

# A run tells its own story; the libraries' bars and hints would be written over it.
datasets.disable_progress_bars()
logging.disable_progress_bar()
logging.set_verbosity_error()


def _without_defaults(plugin: GradientAccumulationPlugin) -> dict[str, Any]:
    """Return the attributes that are not their field's default.

    accelerate's own way empties the process's environment meanwhile, for every thread; see ``settle_libraries``.
    """
    values = {field.name: (getattr(plugin, field.name), field.default) for field in fields(plugin)}
    return {name: value for name, (value, default) in values.items() if value != default}


GradientAccumulationPlugin.to_kwargs = _without_defaults


def load_policy(base: Path, recipe: Recipe, adapter: Path | None = None, *, seed: int) -> Any:
    """Return the base model with an adapter that can be trained: the one in ``adapter``, or a new one.

    Seeds every generator first, so that the seed draws the new adapter.
    """
    set_seed(seed)
    if recipe.model.embedded is not None:
        torch.set_num_threads(1)  # two threads are several times slower on matrices this small
    if recipe.trainer.backend == "unsloth":
        return unsloth_policy(base, recipe, adapter, seed=seed)
    model = load_base(base, dtype=recipe.trainer.dtype)
    if adapter is None:
        return get_peft_model(model, lora_config(recipe.lora))
    return PeftModel.from_pretrained(model, adapter, is_trainable=True)


def load_base(base: Path, *, dtype: str) -> Any:
    """Return the model in ``base`` with weights of ``dtype`` (float32, bfloat16)."""
    return AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, dtype))


def load_tokenizer(base: Path) -> Any:
    """Return the base model's tokenizer, padding on the left as generation and GRPO need it."""
    return AutoTokenizer.from_pretrained(base, padding_side="left")


def lora_config(lora: Lora) -> LoraConfig:
    """Return the adapter's configuration: all linear layers."""
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def adapter_of(trainer: Any) -> Callable[[Path], None]:
    """Return what writes the adapter that a trainer has now into a folder.

    Every process of a sharded run must call this, since each holds a part; only the main one may write.
    """
    model = trainer.accelerator.unwrap_model(trainer.model)
    state = trained_weights(model)
    fingerprint = take_fingerprint(trainer.model_wrapped, trainer.processing_class)

    def save(folder: Path) -> None:
        if trainer.accelerator.is_main_process:
            _save(model, folder, state_dict=state)
            documents.write_document(folder / FINGERPRINT, fingerprint)

    return save


def save_adapter(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write the adapter of a model that no trainer has, with its fingerprint."""
    _save(model, folder)
    documents.write_document(folder / FINGERPRINT, take_fingerprint(model, tokenizer))


def _save(model: Any, folder: Path, **more: Any) -> None:
    """Write an adapter so that equal trainings give equal files: peft keeps a set, and the base model's folder."""
    for config in model.peft_config.values():
        config.target_modules = sorted(config.target_modules)
        config.base_model_name_or_path = ""  # peft fills None in
    model.save_pretrained(folder, **more)


def weight_change(before: Path, after: Path) -> float:
    """Return |after - before| / |before| over all tensors of two adapters (Frobenius norms)."""
    old, new = load_file(before / ADAPTER_FILE), load_file(after / ADAPTER_FILE)
    moved = sum(float((new[name] - old[name]).square().sum()) for name in old)
    size = sum(float(tensor.square().sum()) for tensor in old.values())
    return float((moved / size) ** 0.5)


def training_arguments(out: Path, recipe: Recipe, *, seed: int, trackers: Sequence[str]) -> dict[str, Any]:
    """Return what SFT and GRPO have in common as keyword arguments of TRL's configurations."""
    on_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(out),
        "seed": seed,
        "use_cpu": not on_gpu,
        "bf16": recipe.trainer.dtype == "bfloat16",
        "gradient_checkpointing": recipe.trainer.gradient_checkpointing,
        "dataloader_pin_memory": on_gpu,
        "ddp_find_unused_parameters": False,
        "optim": "adamw_torch_fused",  # Unsloth takes eight bits where it is left out
        "weight_decay": 0.0,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # a loss that is not finite ends the run
        "disable_tqdm": True,
        "report_to": list(trackers),
        **sharding_arguments(recipe.trainer),
    }


def batching(sequences: int, micro: int) -> dict[str, int]:
    """Return how a batch is cut: ``micro`` sequences at once on each device, the rest one after another.

    Raises TrainingError where the batch cannot be cut evenly.
    """
    devices = int(os.environ.get("WORLD_SIZE", "1"))
    rounds, rest = divmod(sequences, micro * devices)
    if rest or not rounds:
        raise TrainingError(
            f"a batch of {sequences} sequences does not part into {micro} on each of {devices} devices: "
            "change trainer.micro_batch or the batch in the recipe"
        )
    return {"per_device_train_batch_size": micro, "gradient_accumulation_steps": rounds}


def without_console(trainer: Any) -> Any:
    """Take the trainer's own printing away: the run tells its story itself."""
    trainer.remove_callback(PrinterCallback)
    return trainer
