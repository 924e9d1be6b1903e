"""Memory that ends: the next size is at most half and cuts the batch evenly, and other faults are no memory's."""

from __future__ import annotations

import pytest
import torch

from posttrain_arena.adapters.training.memory import fitting
from posttrain_arena.errors import TrainingError


@pytest.mark.parametrize(
    ("batch", "micro", "room", "tried"),
    [(16, 16, 5, [16, 8, 4]), (9, 9, 4, [9, 3]), (10, 5, 4, [5, 2]), (7, 7, 6, [7, 1]), (16, 2, 2, [2])],
)
def test_a_batch_is_cut_until_it_fits(batch: int, micro: int, room: int, tried: list[int]) -> None:
    sizes: list[int] = []

    def train(size: int) -> str:
        sizes.append(size)
        if size > room:
            torch.empty(1 << 60, dtype=torch.uint8)  # more than any machine has
        return "trained"

    assert fitting(batch, micro, train) == ("trained", tried[-1])
    assert sizes == tried


def test_what_fits_in_no_size_is_our_recipes_fault() -> None:
    def train(size: int) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 34.00 GiB")

    with pytest.raises(TrainingError, match="does not hold 1 sequence: CUDA out of memory") as caught:
        fitting(4, 4, train)
    assert caught.value.owner == "us"


def test_another_fault_is_not_taken_for_memory() -> None:
    def train(size: int) -> None:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        fitting(4, 4, train)
