"""Train with as many sequences at once as the device's memory holds."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TypeVar

import torch
from accelerate import PartialState
from accelerate.utils.memory import should_reduce_batch_size

from posttrain_arena.errors import TrainingError

T = TypeVar("T")


def fitting(batch: int, micro: int, train: Callable[[int], T]) -> tuple[T, int]:
    """Return what ``train`` gives for a size that fits, and that size: ``micro``, or where memory ends a smaller one.

    Each next size is at most half of the one before and cuts ``batch`` evenly. Raises TrainingError where a single
    sequence does not fit, and where several processes share the batch, of which one cannot change its part alone. That
    is the recipe's fault, not the machine's: another of the same kind would not hold it either.
    """
    while True:
        try:
            return train(micro), micro
        except RuntimeError as error:
            if not _is_of_memory(error):
                raise
            if micro == 1 or PartialState().num_processes > 1:
                told = f"the device's memory does not hold {micro} sequence{'s' * (micro > 1)}: {error}"
                raise TrainingError(f"{told}: give the recipe a shorter context or a larger device") from error
        gc.collect()  # what the attempt held on the device
        torch.cuda.empty_cache()
        micro = next(size for size in range(micro // 2, 0, -1) if batch % size == 0)


def _is_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or should_reduce_batch_size(error)
