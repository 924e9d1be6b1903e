"""Take an adapter's fingerprint: what the model in training says of a few fixed tokens."""

from __future__ import annotations

from typing import Any

import torch

from posttrain_arena.model.fingerprint import Fingerprint

TEXT = (
    "<|im_start|>assistant\n"
    '<tool_call>\n{"name": "bash", "arguments": {"command": "cat note > out"}}\n</tool_call><|im_end|>\n'
    "<|im_start|>user\n<tool_response>\ndone\n</tool_response><|im_end|>\n"
    "<|im_start|>assistant\n"
    '<tool_call>\n{"name": "submit", "arguments": {}}\n</tool_call><|im_end|>'
)
"""Tool calls: they are what training changes first. Not quite what a policy would write: likely tokens tell less."""


def take_fingerprint(model: Any, tokenizer: Any) -> Fingerprint:
    """Return what the model says now, without dropout, in the numbers it is trained in.

    Every process of a sharded run must call this.
    """
    ids = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids], device=next(model.parameters()).device)).logits[0, :-1]
    model.train(training)
    logprobs = torch.log_softmax(logits.float(), dim=-1)
    return Fingerprint(
        token_ids=tuple(ids),
        logprobs=tuple(float(row[token]) for row, token in zip(logprobs, ids[1:], strict=True)),
    )
