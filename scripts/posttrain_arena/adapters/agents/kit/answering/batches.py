"""Have samples go on in batches: whoever ends leaves, others take the places, and the cache stays within bounds.

What shares a batch with a sample changes nothing of it but rounding, since kernels are chosen by the batch's shape: in
float32 that turns no token, in bfloat16 it turns some. Batches are made of the job, the model and the device's size
alone, so the same job on the same kind of machine gives the same answers.

A batch is formed anew by reading its rows again, not by moving parts of a cache: that works for every kind of cache.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .sampling import chosen

ROWS = 128
"""Samples at once, at most."""

STEPS = 256
"""A batch goes on for so many tokens at least: forming another one reads all that its rows have said again."""

READ_TOKENS = 32768
"""Read at once, at most: masks and activations of a batch's whole prompts take more than the cache."""

CPU_CACHE_BYTES = 2 << 30


@dataclass(slots=True)
class Row:
    """One sample: its prompt's tokens, the tokens said so far, and why it was lost, if it was."""

    name: str
    prompt: list[int]
    draws: random.Random
    said: list[int] = field(default_factory=list)
    ended: bool = False
    lost: str = ""

    def take(self, token: int, stops: frozenset[int], most: int) -> None:
        """Add a token, or end: -1 says that there were no probabilities to draw it from."""
        if token < 0:
            self.lost = "not-finite"
        elif token not in stops:
            self.said.append(token)
        self.ended = token < 0 or token in stops or len(self.said) >= most


def complete(model: Any, rows: Sequence[Row], how: dict[str, Any], stops: frozenset[int], room: int) -> None:
    """Have all rows end, the ones with long prompts first; rows that were begun go on before others begin."""
    import torch

    waiting = sorted((row for row in rows if not row.ended), key=lambda row: -len(row.prompt))
    with torch.inference_mode():
        while waiting:
            batch = batch_of(waiting, room)
            advance(model, batch, how, stops, room=room, others=len(batch) < len(waiting))
            waiting = [row for row in waiting if not row.ended]


def batch_of(waiting: Sequence[Row], room: int) -> list[Row]:
    """Return the first rows that have room together, with STEPS more tokens each; one at least."""
    longest = 0
    for count, row in enumerate(waiting[:ROWS]):
        longest = max(longest, len(row.prompt) + len(row.said) + STEPS)
        if count and (count + 1) * longest > room:
            return list(waiting[:count])
    return list(waiting[:ROWS])


def advance(
    model: Any, rows: list[Row], how: dict[str, Any], stops: frozenset[int], *, room: int, others: bool
) -> None:
    """Let rows go on in one batch; those that end leave it, and the last ones wait where ``room`` gets short.

    Returns when all have ended, or when half have and there are others to take their places.
    """
    import torch

    width = max(len(row.prompt) + len(row.said) for row in rows)
    before = [(width - len(row.prompt) - len(row.said), row.prompt + row.said) for row in rows]
    ids = torch.tensor([[0] * gap + one for gap, one in before], device=model.device)
    mask = torch.tensor([[0] * gap + [1] * len(one) for gap, one in before], device=model.device)
    cache, formed = None, len(rows)
    for step in range(how["max_tokens"]):
        logits, cache = _read(model, ids, mask, cache)
        for row, token in zip(rows, chosen(logits, how, [row.draws.random() for row in rows]), strict=True):
            row.take(token, stops, how["max_tokens"])
        going = [place for place, row in enumerate(rows) if not row.ended]
        fit = max(1, room // (mask.shape[1] + 1))
        others = others or len(going) > fit
        going = going[:fit]
        if not going or (others and step >= STEPS and len(going) <= formed // 2):
            return
        if len(going) < len(rows):
            kept = torch.tensor(going, device=model.device)
            cache.batch_select_indices(kept)
            mask, rows = mask[kept], [rows[place] for place in going]
        ids = torch.tensor([row.said[-1:] for row in rows], device=model.device)
        mask = torch.cat([mask, torch.ones_like(ids)], dim=1)


def _read(model: Any, ids: Any, mask: Any, cache: Any) -> tuple[Any, Any]:
    """Read new tokens [rows, n] behind those of the cache; return the logits after the last one, and the cache."""
    count, past = ids.shape[1], mask.shape[1] - ids.shape[1]
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, past:]
    stride = max(1, READ_TOKENS // len(ids))
    for start in range(0, count, stride):
        end = min(start + stride, count)
        out = model(
            input_ids=ids[:, start:end],
            attention_mask=mask[:, : past + end],
            position_ids=positions[:, start:end],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache = out.past_key_values
    return out.logits[:, -1], cache


def cache_tokens(model: Any) -> int:
    """Return how many tokens of context fit into half of the memory that the weights leave free."""
    import torch

    with torch.inference_mode():
        cache = model(input_ids=torch.zeros((1, 1), dtype=torch.long, device=model.device), use_cache=True)
    kept = [value for layer in cache.past_key_values.layers for value in vars(layer).values()]
    each: int = sum(value.nbytes for value in kept if isinstance(value, torch.Tensor))
    if model.device.type == "cpu":
        return CPU_CACHE_BYTES // each
    weights = sum(value.nbytes for value in model.parameters())
    return int((torch.cuda.get_device_properties(model.device).total_memory - weights) // 2 // each)
