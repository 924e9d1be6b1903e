"""Draw the next token of each row of a batch, on the device that the logits are on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CANDIDATES = 256
"""Tokens among which the nucleus is looked for before the whole vocabulary is sorted."""


def chosen(logits: Any, how: dict[str, Any], draws: Sequence[float]) -> list[int]:
    """Return the next token of each row of logits [rows, vocabulary]: the likeliest at temperature 0.

    It is -1 where the logits are not finite, so that there are no probabilities.
    """
    import torch

    logits = logits.float() / (how["temperature"] or 1.0)
    broken = ~logits.amax(1).isfinite()
    logits = logits.masked_fill(broken.unsqueeze(1), 0.0)
    if how["temperature"] == 0:
        found = logits.argmax(1)
    else:
        shares = torch.softmax(logits, dim=1)
        found = drawn(shares, how["top_p"], torch.tensor(draws, dtype=torch.float64, device=logits.device))
    tokens: list[int] = found.masked_fill(broken, -1).tolist()
    return tokens


def drawn(shares: Any, top_p: float, draws: Any) -> Any:
    """Return a token of each row's nucleus: those with less than ``top_p`` of the mass before them, likeliest first.

    ``shares`` are probabilities [rows, vocabulary], ``draws`` numbers in [0, 1) [rows]. Equal tokens are in the nucleus
    together, and it is drawn from in the vocabulary's order: no order of sorting decides anything.
    """
    import torch

    top = shares.topk(min(CANDIDATES, shares.shape[1])).values
    least = _least(top, top_p)
    wide = (least <= top[:, -1:]).squeeze(1)
    if wide.any():
        least[wide] = _least(shares[wide].sort(descending=True).values, top_p)
    upto = shares.masked_fill(shares < least, 0.0).double().cumsum(1)
    return torch.searchsorted(upto, draws.unsqueeze(1) * upto[:, -1:], right=True).squeeze(1)


def _least(ordered: Any, top_p: float) -> Any:
    """Return the smallest share that belongs to the nucleus [rows, 1], of shares in falling order."""
    before = ordered.double().cumsum(1) - ordered.double()
    return ordered.masked_fill(before >= top_p, 2.0).amin(1, keepdim=True)
