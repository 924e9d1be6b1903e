"""Sample many completions at once from one causal language model, each from its own seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One completion to sample: it ends after one of ``stop_ids`` or at ``max_tokens``.

    ``temperature`` 0 is greedy; ``seed`` fixes the sample whatever shares the batch.
    """

    ids: tuple[int, ...]
    max_tokens: int
    temperature: float
    seed: int
    stop_ids: frozenset[int]


@dataclass(slots=True)
class Completion:
    """Sampled ids with the natural-log probability of each under the model (temperature 1)."""

    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish_reason: str = "length"


def sample(model: Any, prompts: Sequence[Prompt], *, pad_id: int) -> list[Completion]:
    """Return one completion per prompt, in order."""
    with torch.inference_mode():
        return _sample(model, prompts, pad_id=pad_id)


def score(model: Any, ids: Sequence[int]) -> list[float]:
    """Return the log-probability of every token but the first, given those before it."""
    with torch.inference_mode():
        logprobs = torch.log_softmax(model(input_ids=torch.tensor([list(ids)])).logits[0, :-1].float(), dim=-1)
    return [float(row[token]) for row, token in zip(logprobs, ids[1:], strict=True)]


def _sample(model: Any, prompts: Sequence[Prompt], *, pad_id: int) -> list[Completion]:
    width = max(len(prompt.ids) for prompt in prompts)
    ids = torch.tensor([[pad_id] * (width - len(prompt.ids)) + list(prompt.ids) for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt.ids)) + [1] * len(prompt.ids) for prompt in prompts])
    generators = [torch.Generator().manual_seed(prompt.seed) for prompt in prompts]
    completions = [Completion() for _ in prompts]
    live = [True] * len(prompts)
    cache = None
    for _ in range(max(prompt.max_tokens for prompt in prompts)):
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache = out.past_key_values
        logprobs = torch.log_softmax(out.logits[:, -1].float(), dim=-1)
        chosen = [
            _choose(row, prompt, generator)
            for row, prompt, generator in zip(logprobs, prompts, generators, strict=True)
        ]
        for index, (prompt, token) in enumerate(zip(prompts, chosen, strict=True)):
            if live[index]:
                live[index] = _append(completions[index], token, float(logprobs[index, token]), prompt)
        if not any(live):
            break
        ids = torch.tensor(chosen).unsqueeze(1)
        mask = torch.cat([mask, torch.ones(len(prompts), 1, dtype=mask.dtype)], dim=1)
    return completions


def _choose(logprobs: torch.Tensor, prompt: Prompt, generator: torch.Generator) -> int:
    if prompt.temperature == 0:
        return int(logprobs.argmax())
    probabilities = torch.softmax(logprobs / prompt.temperature, dim=-1)
    return int(torch.multinomial(probabilities, 1, generator=generator))


def _append(completion: Completion, token: int, logprob: float, prompt: Prompt) -> bool:
    """Add a token; return whether the completion goes on."""
    completion.ids.append(token)
    completion.logprobs.append(logprob)
    if token in prompt.stop_ids:
        completion.finish_reason = "stop"
        return False
    return len(completion.ids) < prompt.max_tokens
