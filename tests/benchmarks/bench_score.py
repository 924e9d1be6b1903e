"""Time the scores of a whole board beside SciPy's bootstrap of each of its entries.

    .venv/bin/python tests/benchmarks/bench_score.py --entries 1000

1,000 entries, 100 tasks, 4 trials, a baseline of 16: exact intervals, paired t and sign-flip tests with Holm, rank sets
from all pairs. Beside it ``scipy.stats.bootstrap`` (percentile, 10,000 resamples), which gives the intervals alone; it
is timed on ``--beside`` entries of each round and multiplied to all of them, since every entry costs the same. Both
start from the paired differences, in turn and in one process, by the processor's time: other load on the machine
counts for neither. Exits 0 only where the scores are at least 30 times faster.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one thread a side, before NumPy is loaded

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from posttrain_arena.core.scoring.analysis import alpha, published
from posttrain_arena.core.scoring.intervals import tail_level
from posttrain_arena.core.scoring.ranks import rank_sets
from posttrain_arena.core.scoring.resampling import resampled_ends
from posttrain_arena.core.scoring.significance import holm, sign_flip, t_p_values

TASKS, TRIALS, RESAMPLES, LEAST = 100, 4, 10_000, 30.0
PLAN = published()


def rewards(entries: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the passes of entries of different strength on tasks of different difficulty, and the baseline's."""
    chance = np.random.default_rng(0)
    tasks = chance.beta(0.8, 0.8, TASKS)
    rates = np.clip(tasks + (chance.beta(2, 2, (entries, 1)) - 0.4) * 0.5, 0, 1)
    return chance.binomial(TRIALS, rates), chance.binomial(PLAN.baseline_trials_per_task, tasks)


def score_all(steps: NDArray[np.int64], grid: int) -> None:
    """Compute what a board says of all entries, from the paired differences in steps."""
    rows, level = steps / grid, alpha(PLAN)
    resampled_ends(steps, tail_level(TASKS, level=PLAN.level))
    holm(t_p_values(rows).tolist())
    holm(sign_flip(steps).tolist())
    rank_sets(rows, level=level)


def bootstrap_each(rows: NDArray[np.float64]) -> None:
    """Compute SciPy's interval of every row."""
    chance = np.random.default_rng(1)
    for row in rows:
        stats.bootstrap((row,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=chance)


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """Return the processor's time and the wall's that ``work`` takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> int:
    """Print both sides and the ratio; 0 where it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--beside", type=int, default=100, help="entries that SciPy bootstraps in each round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    entries, beside = arguments.entries, min(arguments.beside, arguments.entries)

    passes, baseline = rewards(entries)
    grid = PLAN.baseline_trials_per_task
    steps = passes * (grid // TRIALS) - baseline
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(seconds(lambda: score_all(steps, grid)))
        theirs.append(seconds(lambda: bootstrap_each(steps[:beside] / grid)))
    (cpu, wall), (cpu_beside, wall_beside) = (
        [statistics.median(side) for side in zip(*found, strict=True)] for found in (ours, theirs)
    )
    all_of_them = cpu_beside * entries / beside
    ratio = all_of_them / cpu
    pairs = entries * (entries - 1) // 2
    print(f"{entries} entries, {TASKS} tasks, {TRIALS} trials; medians of {arguments.rounds} rounds")
    print(f"  scores: intervals, tests, rank sets of {pairs} pairs: {cpu:.3f} s ({wall:.3f} s wall)")
    print(
        f"  scipy.stats.bootstrap of {beside}: {cpu_beside:.3f} s ({wall_beside:.3f} s wall), all {all_of_them:.2f} s"
    )
    print(f"bench-score: {ratio:.0f} times faster (at least {LEAST:.0f})")
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main())
