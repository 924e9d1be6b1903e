"""Say whether what an agent left is a model: the base model's shape with other numbers, and nothing besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FLOATS = frozenset({"F32", "F16", "BF16"})
NOT_THE_MODEL = frozenset(
    {
        "_name_or_path",
        "architectures",
        "attention_dropout",
        "bos_token_id",
        "dtype",
        "eos_token_id",
        "initializer_range",
        "max_position_embeddings",
        "pad_token_id",
        "torch_dtype",
        "transformers_version",
        "unsloth_version",
        "use_cache",
    }
)
"""Keys of config.json that training, generation or saving sets and that shape no weight; the base's are taken."""

THE_BASES_OWN = ("auto_map", "model_type", "quantization_config")
"""Keys that a model has only where its base has them: code, another kind of model, weights that are no floats."""

ROOM = 2.2
"""A model in float32 is twice its base in bfloat16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """What a safetensors header says of one tensor."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a base model's shape is.

    ``configs`` has its configuration in each spelling: versions of the library that writes it differ in the names of
    keys and in the defaults that they write out.
    """

    configs: Sequence[Mapping[str, Any]]
    tensors: Mapping[str, Tensor]


def model_fault(config: Mapping[str, Any], tensors: Mapping[str, Tensor], base: Shape) -> str:
    """Return what makes a model another than the base with other numbers; empty where nothing does."""
    fault = _config_fault(config, base.configs)
    if fault:
        return f"config.json: {fault}"
    wanted = base.tensors
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


def _config_fault(config: Mapping[str, Any], bases: Sequence[Mapping[str, Any]]) -> str:
    """Return the first key that the base has in some spelling and with no such value.

    A key that the base has in none is another version's: what it says never counts, as the base's file is taken.
    """
    for key in THE_BASES_OWN:
        if all(config.get(key) != base.get(key) for base in bases):
            return _differs(key, config.get(key), bases[0].get(key))
    for key in sorted(set(config) - NOT_THE_MODEL):
        own, theirs = config[key], [base[key] for base in bases if key in base]
        if not theirs or own in theirs:
            continue
        inside = [value for value in theirs if isinstance(value, Mapping)]
        fault = _config_fault(own, inside) if inside and isinstance(own, Mapping) else _differs("", own, theirs[0])
        if fault:
            return f"{key} {fault}"
    return ""


def _differs(key: str, own: object, base: object) -> str:
    return f"{key} is {own!r:.80}, in the base model {base!r:.80}".lstrip()
