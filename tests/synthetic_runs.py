"""Plausible runs from a seed, built by the same functions as real ones; for tests and for looking at the pages."""

from __future__ import annotations

import math
import random

from posttrain_arena.cli.results import make_run
from posttrain_arena.core.leaderboard.runs import RunFacts, series
from posttrain_arena.model.documents import digest
from posttrain_arena.model.evaluation import Evaluation, LostTrial, TaskRewards
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.leaderboard_run import Entry, LeaderboardRun, Pin, Series, TrialStats

DOMAINS = ("finance-economics", "office-knowledge-work", "software-engineering")
GROUPS = ("held-out split", "held-out family")


def evaluation(
    stage: str, rewards: dict[str, list[float]], *, seed: int = 0, suite: str = "public-sample"
) -> Evaluation:
    """Return an evaluation from rewards by task id; domain and group follow from the task's number."""
    tasks = tuple(
        TaskRewards(
            id=name,
            digest=digest(name),
            domain=DOMAINS[index % len(DOMAINS)],
            group=GROUPS[index >= 2 * len(rewards) // 3],
            rewards=tuple(rewards[name]),
        )
        for index, name in enumerate(sorted(rewards))
    )
    return Evaluation(
        stage=stage,
        checkpoint=digest([stage, seed]),
        suite=suite,
        suite_digest=digest([suite, sorted(rewards)]),
        trials_per_task=len(next(iter(rewards.values()))),
        seed=seed,
        tasks=tasks,
    )


def sample(stage: str, rate: float, *, seed: int, n: int = 24, k: int = 4) -> Evaluation:
    """Return an evaluation whose tasks pass about ``rate`` of the time, the second group less often."""
    chance = random.Random(f"{stage}-{seed}")
    rewards = {}
    for index in range(n):
        ease = min(1.0, max(0.0, (rate * (0.6 if index >= 2 * n // 3 else 1.1)) + chance.uniform(-0.2, 0.2)))
        rewards[f"T-{index:03}"] = [float(chance.random() < ease) for _ in range(k)]
    return evaluation(stage, rewards, seed=seed)


def with_lost(value: Evaluation, task: int, attempt: int) -> Evaluation:
    """Return ``value`` with one trial lost."""
    from dataclasses import replace

    tasks = list(value.tasks)
    rewards = list(tasks[task].rewards)
    rewards[attempt] = 0.0
    lost = (*tasks[task].lost, LostTrial(attempt=attempt, reason="engine-unreachable"))
    tasks[task] = replace(tasks[task], rewards=tuple(rewards), lost=lost)
    return replace(value, tasks=tuple(tasks))


def facts(
    name: str = "quiet-harbour", *, rates: tuple[float, float] = (0.35, 0.8), seed: int = 1, **changes
) -> RunFacts:
    """Return the facts of one run; ``changes`` replace fields."""
    values = {
        "entry": Entry(
            name=name,
            team=f"Team {name.split('-')[0].title()}",
            title=name.replace("-", " ").capitalize(),
            track="environments",
            digest=digest(name),
            url=f"https://example.org/{name}",
        ),
        "recipe": Pin(name="tiny", digest=digest("tiny")),
        "base_model": digest("base model"),
        "seed": seed,
        "baseline": sample("base", 0.04, seed=0),
        "evaluations": (
            sample("base", 0.04, seed=0),
            sample("sft", rates[0], seed=seed),
            sample("grpo", rates[1], seed=seed),
        ),
        "scored_stage": "grpo",
        "curves": curves(seed),
        "checkpoint_steps": {"sft": 80, "grpo": 40},
        "trials": (
            TrialStats(
                stage="grpo",
                trials=2560,
                trials_per_sec=11.4,
                timeouts=26,
                start_sec=102.4,
                agent_sec=768.0,
                model_sec=512.0,
                capture_sec=51.2,
                verify_sec=204.8,
            ),
            TrialStats(
                stage="evaluation",
                trials=288,
                trials_per_sec=9.1,
                timeouts=0,
                start_sec=11.5,
                agent_sec=86.4,
                model_sec=51.8,
                capture_sec=5.8,
                verify_sec=23.0,
            ),
        ),
        "versions": {"torch": "2.13.0", "trl": "1.14.2", "transformers": "5.17.0"},
        "hardware": "2 CPU cores, 8 GiB",
        "wall_sec": {"pre-training": 21.4, "sft": 18.2, "grpo": 243.7, "evaluation": 61.0},
    }
    values |= changes
    return RunFacts(**({"job": job_of(values)} | values))


def job_of(values: dict) -> str:
    """Return the digest of the job that such a run is of."""
    entry, recipe, evaluation = values["entry"], values["recipe"], values["evaluations"][-1]
    job = Job(
        entry=EntryRef(name=entry.name, team=entry.team, track=entry.track, path="", digest=entry.digest),
        recipe=RecipeRef(path="", digest=recipe.digest),
        suite=SuiteRef(name=evaluation.suite, digest=evaluation.suite_digest),
        seed=values["seed"],
    )
    return job.digest


def run(name: str = "quiet-harbour", **changes) -> LeaderboardRun:
    """Return one synthetic run."""
    return make_run(facts(name, **changes))


def curves(seed: int) -> tuple[Series, ...]:
    """Return curves of the usual shapes; the entropy has a gap."""
    noise = random.Random(f"curves-{seed}")
    steps = range(1, 41)

    def drawn(low: float, high: float) -> list[tuple[int, float]]:
        return [(step, noise.uniform(low, high)) for step in steps]

    loss = [(step, None if step == 0 else 3.2 * math.exp(-step / 30) + noise.uniform(0.3, 0.45)) for step in range(121)]
    held = [(step, None if step % 20 else 3.4 * math.exp(-step / 24) + 0.5 + step / 400) for step in range(121)]
    reward = [(step, min(1.0, 0.25 + 0.7 * (1 - math.exp(-step / 12)) + noise.uniform(-0.06, 0.06))) for step in steps]
    entropy = [(step, math.nan if 14 <= step < 18 else 1.1 * math.exp(-step / 20)) for step in steps]
    return (
        series("sft", "loss", loss, unit="nats"),
        series("sft", "validation_loss", held, unit="nats"),
        series("grpo", "reward", reward),
        series("grpo", "pass_rate", [(step, max(0.0, value - 0.05)) for step, value in reward]),
        series("grpo", "reward_std", [(step, 0.45 * math.exp(-step / 25)) for step in steps]),
        series("grpo", "loss", drawn(-0.02, 0.05)),
        series("grpo", "grad_norm", drawn(0.05, 0.3)),
        series("grpo", "entropy", entropy, unit="nats"),
        series("grpo", "sampler_kl", drawn(0.0, 2e-3), unit="nats"),
        series("grpo", "staleness", [(step, float(step > 1)) for step in steps], unit="updates"),
        series("grpo", "sync_gap", drawn(1e-6, 3e-6), unit="nats"),
        series("grpo", "groups_replaced", [(step, float(noise.randrange(3))) for step in steps], unit="groups"),
        series("grpo", "timeouts", [(step, float(noise.randrange(4) == 0)) for step in steps], unit="trials"),
        series("grpo", "failed_trials", [(step, 0.0) for step in steps], unit="trials"),
        series("grpo", "lost_trials", [(step, 0.0) for step in steps], unit="trials"),
        series("grpo", "trials_per_sec", drawn(9, 13), unit="1/s"),
    )
