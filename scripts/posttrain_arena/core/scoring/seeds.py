"""The variance of a lift over tasks and training seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedVariance:
    """Variances of the lift by source, their ``total`` and its Satterthwaite ``degrees`` of freedom."""

    tasks: float
    entry_seeds: float
    entry_residual: float
    baseline_seeds: float
    baseline_residual: float
    total: float
    degrees: float


def seed_variance(entry: NDArray[np.float64], baseline: NDArray[np.float64]) -> SeedVariance:
    """Return V = V_tasks + V_seeds(entry) + V_seeds(baseline) - both residuals, at least V_tasks.

    ``entry`` (m, n) and ``baseline`` (m_b, n) hold the mean reward of each training seed on each task, in one order of
    tasks. With d_i the difference of the means over seeds, V_tasks = var(d)/n; V_seeds = var(the seeds' means)/m; the
    residual MS/(n·m), where MS is the mean square of the interaction of tasks with seeds, is in both and counted once.
    A side with one seed adds nothing. Degrees of freedom (Satterthwaite, Biometrics Bulletin 2, 1946):
    V² / Σ V_j²/f_j with f = n - 1, m - 1 and (n - 1)(m - 1); n - 1 where V is V_tasks.
    """
    n = entry.shape[1]
    tasks = float(np.var(entry.mean(axis=0) - baseline.mean(axis=0), ddof=1)) / n
    (ours, our_residual), (theirs, their_residual) = _of_side(entry), _of_side(baseline)
    total = tasks + ours - our_residual + theirs - their_residual
    parts = [
        (tasks, n - 1),
        *((part, len(side) - 1) for part, side in ((ours, entry), (theirs, baseline))),
        *((part, (n - 1) * (len(side) - 1)) for part, side in ((our_residual, entry), (their_residual, baseline))),
    ]
    noise = sum(part**2 / degrees for part, degrees in parts if degrees)
    return SeedVariance(
        tasks=tasks,
        entry_seeds=ours,
        entry_residual=our_residual,
        baseline_seeds=theirs,
        baseline_residual=their_residual,
        total=max(total, tasks),
        degrees=float(total**2 / noise) if total > tasks else float(n - 1),
    )


def _of_side(rates: NDArray[np.float64]) -> tuple[float, float]:
    """Return the variance of the side's mean over its seeds, and the residual of tasks by seeds."""
    m, n = rates.shape
    if m < 2:
        return 0.0, 0.0
    seeds = rates.mean(axis=1, keepdims=True)
    residuals = rates - rates.mean(axis=0) - seeds + rates.mean()
    mean_square = float((residuals**2).sum()) / ((n - 1) * (m - 1))
    return float(np.var(seeds, ddof=1)) / m, mean_square / (n * m)
