"""Intervals for a mean over tasks: the exact bootstrap, the t, the small-set one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from posttrain_arena.core.scoring.grid import Steps, on_grid
from posttrain_arena.core.scoring.resampling import resampled_ends
from posttrain_arena.core.scoring.tango import tango
from posttrain_arena.model.score import Interval

SMALL = 20
SPARSE = 15
"""With at most ``SMALL`` tasks or fewer than ``SPARSE`` changed ones the small-set interval is the one to read."""

SmallSetMethod = Literal["tango", "pseudo-tasks"]


def t_quantile(probability: float, degrees: float) -> float:
    """Return the quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def tail_level(n: int, *, level: float) -> float:
    """Return the tail of the expanded percentile interval: Φ(-√(n/(n-1)) · t_{(1+level)/2, n-1}), for n ≥ 2.

    Source: Hesterberg, "What Teachers Should Know About the Bootstrap" (The American Statistician 69, 2015), 5.3.
    """
    from scipy.special import ndtr

    return float(ndtr(-math.sqrt(n / (n - 1)) * t_quantile((1 + level) / 2, n - 1)))


def bootstrap(differences: Sequence[Fraction], *, level: float) -> tuple[Interval, Steps]:
    """Return the exact expanded percentile interval of the mean of at least two values, and the grid it was found on.

    The lower end is the least mean v of n resampled values with P(V ≤ v) ≥ tail level, the upper end its mirror image:
    no random number, and the same ends on every machine.
    """
    found, n = on_grid(differences), len(differences)
    low, high = resampled_ends(found.row, tail_level(n, level=level))
    ends = [float(Fraction(int(end[0]), n * found.grid)) for end in (low, high)]
    return Interval(low=ends[0], high=ends[1]), found


def standard_error(values: Sequence[float]) -> float:
    """Return sd/√n with n - 1 in the variance; the same for every order of the values."""
    n = len(values)
    centre = math.fsum(values) / n
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (n - 1) / n)


def t_interval(centre: float, *, error: float, degrees: float, level: float) -> Interval:
    """Return centre ± t_{(1+level)/2, degrees} · error."""
    reach = t_quantile((1 + level) / 2, degrees) * error
    return Interval(low=centre - reach, high=centre + reach)


def student(values: Sequence[float], *, level: float) -> Interval:
    """Return the t interval of the mean of at least two values: mean ± t_{(1+level)/2, n-1} · sd/√n."""
    n = len(values)
    return t_interval(math.fsum(values) / n, error=standard_error(values), degrees=n - 1, level=level)


def with_pseudo_tasks(differences: Sequence[float], k: int) -> list[float]:
    """Return the differences and two pseudo-tasks ±1/√k, which keep a sparse set from claiming certainty."""
    return [*differences, 1 / math.sqrt(k), -1 / math.sqrt(k)]


def small_set_method(differences: Sequence[float], *, k: int, k_b: int) -> SmallSetMethod:
    """Return Tango's method for pairs of single passes or fails, which is what it is for, else the pseudo-tasks'."""
    return "tango" if k == k_b == 1 and set(differences) <= {-1, 0, 1} else "pseudo-tasks"


def small_set(differences: Sequence[float], *, k: int, k_b: int, level: float) -> Interval:
    """Return the interval for a small or sparse set of at least two tasks, by ``small_set_method``."""
    if small_set_method(differences, k=k, k_b=k_b) == "tango":
        gained, lost = (sum(value == sign for value in differences) for sign in (1, -1))
        return tango(gained, lost, n=len(differences), level=level)
    return student(with_pseudo_tasks(differences, k), level=level)


def small_set_rate(rates: Sequence[float], k: int, *, level: float) -> Interval | None:
    """Return the same for a mean reward: pseudo-tasks at (1 ± 1/√k)/2, clipped to [0, 1]."""
    if len(rates) < 2:
        return None
    interval = student([*rates, (1 + 1 / math.sqrt(k)) / 2, (1 - 1 / math.sqrt(k)) / 2], level=level)
    return Interval(low=max(0.0, interval.low), high=min(1.0, interval.high))
