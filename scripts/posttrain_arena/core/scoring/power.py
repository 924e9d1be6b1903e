"""The smallest lift that a set of tasks resolves."""

from __future__ import annotations

from posttrain_arena.core.scoring.intervals import t_quantile

POWER = 0.8


def resolved_delta(error: float, degrees: float, *, alpha: float) -> float:
    """Return (t_{1-alpha/2} + t_{0.8}) · error: the true difference that a two-sided test at ``alpha`` finds in 80%."""
    return (t_quantile(1 - alpha / 2, degrees) + t_quantile(POWER, degrees)) * error
