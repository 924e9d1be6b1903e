"""Say whether what an agent left is a model: the base model's shape with other numbers, and nothing besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FLOATS = frozenset({"F32", "F16", "BF16"})
NOT_THE_MODEL = frozenset(
    {"_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache", "unsloth_version"}
)
"""Keys of config.json that say nothing of what the model computes; the base's are taken."""

ROOM = 2.2
"""A model in float32 is twice its base in bfloat16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """What a safetensors header says of one tensor."""

    dtype: str
    shape: tuple[int, ...]


def model_fault(
    config: Mapping[str, Any], tensors: Mapping[str, Tensor], base: Mapping[str, Any], wanted: Mapping[str, Tensor]
) -> str:
    """Return what makes a model another than the base with other numbers; empty where nothing does."""
    for key in sorted((set(config) | set(base)) - NOT_THE_MODEL):
        if config.get(key) != base.get(key):
            return f"config.json: {key} is {config.get(key)!r:.80}, in the base model {base.get(key)!r:.80}"
    missing, more = sorted(set(wanted) - set(tensors)), sorted(set(tensors) - set(wanted))
    if missing:
        return f"{len(missing)} tensors of the base model are missing, such as {missing[0]}"
    if more:
        return f"{len(more)} tensors are not in the base model, such as {more[0]:.80}"
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape:
            return f"{name} has the shape {list(tensor.shape)}, in the base model {list(wanted[name].shape)}"
        if tensor.dtype != wanted[name].dtype and not {tensor.dtype, wanted[name].dtype} <= FLOATS:
            return f"{name} has the type {tensor.dtype:.20}, in the base model {wanted[name].dtype}"
    return ""
