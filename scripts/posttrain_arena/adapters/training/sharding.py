"""Part a policy's weights among the processes of its training, by PyTorch's FSDP2 through accelerate."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import DistributedType
from torch.distributed.fsdp import MixedPrecisionPolicy
from torch.distributed.tensor import DTensor

from posttrain_arena.model.recipe import Trainer


def sharding_arguments(trainer: Trainer) -> dict[str, Any]:
    """Return the recipe's sharding as keyword arguments of transformers' configurations.

    Each process keeps its part of every layer and gathers a layer while it is computed. A checkpoint's weights are
    written whole, so that it has the same files, but for the optimizer's, as one of a single process.
    """
    if trainer.sharding == "none":
        return {}
    settings = {"version": 2, "reshard_after_forward": True, "state_dict_type": "FULL_STATE_DICT"}
    return {"fsdp": True, "fsdp_config": settings}


def settled(arguments: Any, trainer: Trainer) -> Any:
    """Return transformers' arguments once accelerate will part weights as it should; call it before a trainer is made.

    Left to itself it rounds losses and the sum of gradients to the weights' bfloat16, and parts weights among GPUs
    alone: processes on CPUs would have whole copies without a word. PyTorch parts them there too, so such processes
    pass for ones with GPUs.
    """
    if trainer.sharding == "none":
        return arguments
    if trainer.dtype == "bfloat16":
        policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
        arguments.fsdp_plugin_args["mixed_precision_policy"] = policy
    if not torch.cuda.is_available():
        PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
    return arguments


def trained_weights(model: Any) -> dict[str, torch.Tensor]:
    """Return the whole of every weight that is trained, by name.

    Every process must call this, since each has a part.
    """
    found = ((name, weight.detach()) for name, weight in model.named_parameters() if weight.requires_grad)
    return {name: weight.full_tensor() if isinstance(weight, DTensor) else weight for name, weight in found}
