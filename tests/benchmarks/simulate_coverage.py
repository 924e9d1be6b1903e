"""Simulate how often the intervals and rank sets of a score hold the truth, and print it as tables.

    .venv/bin/python tests/benchmarks/simulate_coverage.py --replicates 10000

Every replicate draws 100 new tasks and their trials from a known law, so that the true lift is known. Exits 0 only
where every limit holds: headline interval 0.91 to 0.97, rank sets at least 0.94, several seeds 0.93 to 0.97.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posttrain_arena.core.scoring.analysis import alpha, published
from posttrain_arena.core.scoring.intervals import small_set, t_quantile, tail_level
from posttrain_arena.core.scoring.power import resolved_delta
from posttrain_arena.core.scoring.ranks import rank_sets
from posttrain_arena.core.scoring.resampling import resampled_ends
from posttrain_arena.core.scoring.seeds import seed_variance

Rates = NDArray[np.float64]
Law = Callable[[np.random.Generator, tuple[int, ...]], tuple[Rates, Rates]]
"""Draw the chances of the baseline and of the entry to pass each of so many tasks."""

PLAN = published()
N, K_B, ENTRIES, SEED_SD = 100, PLAN.baseline_trials_per_task, 12, 0.038
TRIALS = (1, 4, 8)
SIZES = {"100 tasks, 1 : 1": (N, 1, 1), "100 tasks, 4 : 16": (N, 4, K_B), "20 tasks, 4 : 16": (20, 4, K_B)}
"""Tasks, and trials of the entry and of the baseline."""
HEADLINE, RANKS, SEEDS = (0.91, 0.97), (0.94, 1.0), (0.93, 0.97)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A law of tasks, the true lift under it, and the levels that one trial's reward can have above zero."""

    draw: Law
    lift: float
    levels: int = 1


def flips(share: float) -> Law:
    """Return the law of tasks that always or never pass, of which a share changes sides; 31% pass at first."""

    def draw(chance: np.random.Generator, shape: tuple[int, ...]) -> tuple[Rates, Rates]:
        base = (chance.random(shape) < 0.31).astype(float)
        return base, np.where(chance.random(shape) < share, 1 - base, base)

    return draw


def lifted(rates: Callable[[np.random.Generator, tuple[int, ...]], Rates], share: float) -> Law:
    """Return the law under which the entry passes that share of what the baseline fails."""

    def draw(chance: np.random.Generator, shape: tuple[int, ...]) -> tuple[Rates, Rates]:
        base = rates(chance, shape)
        return base, base + share * (1 - base)

    return draw


def uniform(chance: np.random.Generator, shape: tuple[int, ...]) -> Rates:
    """Draw rates from 0 to 1."""
    return chance.random(shape)


def bimodal(chance: np.random.Generator, shape: tuple[int, ...]) -> tuple[Rates, Rates]:
    """Draw hard and easy tasks; three of ten hard ones get easier, one of ten easy ones harder."""
    base, lot = np.where(chance.random(shape) < 0.5, 0.05, 0.95), chance.random(shape)
    return base, np.where(base < 0.5, base + 0.2 * (lot < 0.3), base - 0.2 * (lot < 0.1))


def heterogeneous(chance: np.random.Generator, shape: tuple[int, ...]) -> tuple[Rates, Rates]:
    """Draw any rates; a quarter of the tasks gains much, three of twenty lose much, the rest stay."""
    base, lot = chance.random(shape), chance.random(shape)
    return base, np.where(lot < 0.25, 0.4 * base + 0.6, np.where(lot < 0.4, 0.4 * base, base))


SCENARIOS = {
    "sparse flips (10%)": Scenario(draw=flips(0.1), lift=0.1 * 0.38),
    "uniform": Scenario(draw=lifted(uniform, 0.1), lift=0.05),
    "uniform, no effect": Scenario(draw=lifted(uniform, 0.0), lift=0.0),
    "bimodal": Scenario(draw=bimodal, lift=0.02),
    "heterogeneous": Scenario(draw=heterogeneous, lift=0.03),
    "low base": Scenario(draw=lifted(lambda chance, shape: chance.beta(0.5, 8, shape), 0.1), lift=0.1 * 8 / 8.5),
    "high base": Scenario(draw=lifted(lambda chance, shape: chance.beta(8, 1, shape), 0.4), lift=0.4 / 9),
    "graded, heterogeneous": Scenario(draw=heterogeneous, lift=0.03, levels=4),
}
FIELDS = {
    "all equal": [0.0] * ENTRIES,
    "three groups": [0.0] * 4 + [0.2] * 4 + [0.4] * 4,
    "spread": [0.04 * place for place in range(ENTRIES)],
}


@dataclass(slots=True)
class Verdict:
    """Whether every figure so far was inside its limits."""

    holds: bool = True

    def shown(self, figure: float, limits: tuple[float, float]) -> str:
        """Return the figure for a cell, marked where it is outside."""
        inside = limits[0] <= figure <= limits[1]
        self.holds &= inside
        return f"{figure:.3f}" + ("" if inside else " (!)")


def steps_of(
    scenario: Scenario, chance: np.random.Generator, shape: tuple[int, int], *, k: int, k_b: int = K_B
) -> tuple[Rates, int]:
    """Draw trials and return the paired differences in steps, and the grid."""
    base, entry = scenario.draw(chance, shape)
    grid = math.lcm(k, k_b) * scenario.levels
    ours, theirs = (chance.binomial(trials * scenario.levels, rate) for trials, rate in ((k, entry), (k_b, base)))
    return ours * (grid // (k * scenario.levels)) - theirs * (grid // (k_b * scenario.levels)), grid


def headline_coverage(scenario: Scenario, k: int, *, replicates: int, chance: np.random.Generator) -> float:
    """Return how often the exact bootstrap's interval holds the true lift."""
    steps, grid = steps_of(scenario, chance, (replicates, N), k=k)
    low, high = resampled_ends(steps, tail_level(N, level=PLAN.level))
    return float(np.mean((low / (N * grid) <= scenario.lift) & (scenario.lift <= high / (N * grid))))


def small_set_coverage(scenario: Scenario, k: int, *, replicates: int, chance: np.random.Generator) -> float:
    """Return the same for the small-set interval."""
    steps, grid = steps_of(scenario, chance, (replicates, N), k=k)
    found = [small_set((row / grid).tolist(), k=k, k_b=K_B, level=PLAN.level) for row in steps]
    return sum(interval.low <= scenario.lift <= interval.high for interval in found) / replicates


def rank_coverage(strengths: Sequence[float], *, replicates: int, chance: np.random.Generator) -> float:
    """Return how often all rank sets of a field hold at once: none excludes a rank that the true lifts leave open."""
    true = np.array(strengths)
    least, most = 1 + (true > true[:, None]).sum(axis=1), len(true) - (true < true[:, None]).sum(axis=1)
    held = 0
    for _ in range(replicates):
        base = chance.random(N)
        rows = chance.binomial(4, base + true[:, None] * (1 - base)) / 4 - chance.binomial(K_B, base) / K_B
        found = rank_sets(rows, level=alpha(PLAN))
        held += bool((found.low <= least).all() and (found.high >= most).all())
    return held / replicates


def seed_coverage(m: int, *, replicates: int, chance: np.random.Generator) -> float:
    """Return how often the interval of m training seeds (a baseline of four) holds the corpus' true lift of 5 pp.

    With one seed it is the task-only interval, which says *this checkpoint*. Each seed moves all of its rates together.
    """
    held = 0
    for _ in range(replicates):
        base = np.where(chance.random(N) < 0.5, 0.12, 0.8)
        sides = []
        for seeds, lift in ((m, 0.05), (4, 0.0)):
            moved = SEED_SD * np.clip(chance.normal(size=(seeds, 1)), -3, 3)
            sides.append(chance.binomial(4, base + lift + moved) / 4)
        found = seed_variance(*sides)
        variance, degrees = (found.tasks, N - 1) if m == 1 else (found.total, found.degrees)
        reach = t_quantile((1 + PLAN.level) / 2, degrees) * math.sqrt(variance)
        held += abs(sides[0].mean() - sides[1].mean() - 0.05) <= reach
    return held / replicates


def resolved(scenario: Scenario, n: int, *, k: int, k_b: int, chance: np.random.Generator) -> float:
    """Return the lift that is found in 80% of runs, at the scenario's mean variance."""
    steps, grid = steps_of(scenario, chance, (2000, n), k=k, k_b=k_b)
    error = math.sqrt(float((steps / grid).var(axis=1, ddof=1).mean()) / n)
    return resolved_delta(error, n - 1, alpha=alpha(PLAN))


def main() -> int:
    """Print the tables; 0 where every limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    replicates, chance, verdict = arguments.replicates, np.random.default_rng(arguments.seed), Verdict()

    print(f"Headline interval, n = {N}, baseline {K_B}, {replicates} replicates: {HEADLINE[0]} to {HEADLINE[1]}\n")
    print("| Scenario | " + " | ".join(f"k = {k}" for k in TRIALS) + " |\n| --- |" + " ---: |" * len(TRIALS))
    for name, scenario in SCENARIOS.items():
        found = [headline_coverage(scenario, k, replicates=replicates, chance=chance) for k in TRIALS]
        print(f"| {name} | " + " | ".join(verdict.shown(figure, HEADLINE) for figure in found) + " |", flush=True)

    rare = Scenario(draw=flips(0.03), lift=0.03 * 0.38)
    print("\nFewer than 15 changed tasks, where the small-set interval is the one to read (3% flips; no limit)\n")
    print("| Interval | " + " | ".join(f"k = {k}" for k in TRIALS) + " |\n| --- |" + " ---: |" * len(TRIALS))
    for name, coverage in (("headline", headline_coverage), ("small set", small_set_coverage)):
        found = [coverage(rare, k, replicates=replicates // 5, chance=chance) for k in TRIALS]
        print(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in found) + " |", flush=True)

    print(f"\nAll rank sets of {ENTRIES} entries at once, {replicates} replicates: at least {RANKS[0]}\n")
    print("| Field | Coverage |\n| --- | ---: |")
    for name, strengths in FIELDS.items():
        figure = rank_coverage(strengths, replicates=replicates, chance=chance)
        print(f"| {name} | {verdict.shown(figure, RANKS)} |", flush=True)

    print(f"\nThe corpus' lift at a seed SD of {100 * SEED_SD} pp: {SEEDS[0]} to {SEEDS[1]} from three seeds on\n")
    print("| Seeds | Coverage |\n| --- | ---: |")
    for m in (1, 3, 5, 8):
        figure = seed_coverage(m, replicates=replicates, chance=chance)
        shown = f"{figure:.3f} (this checkpoint's interval)" if m == 1 else verdict.shown(figure, SEEDS)
        print(f"| {m} | {shown} |", flush=True)

    print("\nThe smallest lift, in pp, that is found in 80% of runs\n\n| Scenario | " + " | ".join(SIZES), end=" |\n")
    print("| --- |" + " ---: |" * len(SIZES))
    for name, scenario in SCENARIOS.items():
        lifts = [resolved(scenario, n, k=k, k_b=k_b, chance=chance) for n, k, k_b in SIZES.values()]
        print(f"| {name} | " + " | ".join(f"{100 * lift:.1f}" for lift in lifts) + " |")
    print(
        "\nsimulate-coverage: "
        + ("every limit holds" if verdict.holds else "a figure marked (!) is outside its limits")
    )
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
