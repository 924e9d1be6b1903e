"""Boards of any size for the tests of the site: eight domains, a hundred tasks, entries that differ a little."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from itertools import starmap

from synthetic_runs import facts

from posttrain_arena.cli.results import make_run
from posttrain_arena.core.leaderboard.board import build_board
from posttrain_arena.core.scoring.score import score
from posttrain_arena.core.scoring.standings import judge
from posttrain_arena.core.site.build import parts
from posttrain_arena.core.site.source import Document, Source
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import digest
from posttrain_arena.model.evaluation import Evaluation, TaskRewards
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.phases import Phase

DOMAINS = (
    *("ai-ml-agentic-systems", "cybersecurity", "finance-economics", "industrial-energy-operations"),
    *("media-multimodal-content", "office-knowledge-work", "sciences", "software-engineering"),
)
FIRST = "amber brisk calm dawn ember fallow gentle hidden iron jade keen late misty north open paper quiet rust"
SECOND = "anchor birch canal delta echo forge grove harbour inlet juniper kiln lantern meadow nook orchard pine"
PHASE = Phase(
    name="phase-1",
    opens="2026-11-01",
    closes="2026-12-13",
    entries="open",
    ranked=False,
    note="Public sample with its interval.",
)
DOCUMENTS = (
    Document(
        path="docs/spec.md", text="# The specification\n\nWhat a package is.\n\n## Files\n\nSee [rules](rules.md#one)."
    ),
    Document(path="docs/rules.md", text="# Rules\n\nEvery rule.\n\n## One\n\n| a | b |\n| --- | --- |\n| `x` | 1 |\n"),
)
CHANGED = "Two trials of task T-017 were scored against another entry's workspace."


def field(size: int, *, tasks: int = 100, seed: int = 0, suite: str = "public-sample") -> list[LeaderboardRun]:
    """Return ``size`` runs on one suite, of which the last is an exhibition where there are at least three."""
    chance = random.Random(seed)
    ease = [chance.betavariate(1.2, 1.8) for _ in range(tasks)]
    baseline = _evaluation("base", ease, -0.12, k=16, seed=1000)
    strengths = sorted((chance.gauss(0.02, 0.1) for _ in range(size)), reverse=True)
    runs = (_run(number, strength, ease, baseline, size) for number, strength in enumerate(strengths))
    return [_on_suite(run, suite) for run in runs] if suite != "public-sample" else list(runs)


def built_site(runs: list[LeaderboardRun], *, changes: tuple[Change, ...] = (), **more: object) -> dict[str, bytes]:
    """Return the site of ``runs`` with a phase, documents and days."""
    return rendered(source(runs, changes=changes, **more))


def rendered(source: Source) -> dict[str, bytes]:
    """Return every file of a site by its path; no two parts make the same one."""
    files = [file for part in parts(source) for file in part()]
    site = dict(files)
    assert len(site) == len(files)
    return site


def source(runs: list[LeaderboardRun], *, changes: tuple[Change, ...] = (), **more: object) -> Source:
    """Return what the site of ``runs`` is built from."""
    values = {
        "board": build_board(runs, judge=judge, changes=changes),
        "runs": runs,
        "compare": partial(starmap, score),
        "level": 0.95,
        "phase": PHASE,
        "days": {run.id: f"2026-11-{1 + number % 20:02}" for number, run in enumerate(runs)},
        "documents": DOCUMENTS,
    }
    return Source(**(values | more))  # type: ignore[arg-type]


def some_changes(runs: list[LeaderboardRun]) -> tuple[Change, ...]:
    """Return a withdrawal, a flag and a note about the last runs."""
    return (
        Change(date="2026-11-18", kind="withdrawal", run=runs[-1].id, reason="The team asked for it: " + CHANGED),
        Change(date="2026-11-19", kind="flag", run=runs[-2].id, reason="Held back until its environments are audited."),
        Change(date="2026-11-20", kind="note", reason="Phase 1 opened."),
    )


def _run(number: int, strength: float, ease: list[float], baseline: Evaluation, size: int) -> LeaderboardRun:
    last = size > 2 and number == size - 1
    base = facts(_name(number), seed=number % 5, baseline=baseline, exhibition="late, on show" if last else "")
    evaluations = (
        baseline,
        _evaluation("sft", ease, strength / 2 - 0.1, k=4, seed=number),
        _evaluation("grpo", ease, strength, k=4, seed=number + 10_000),
    )
    hours, dollars = round(18 + 7 * (number % 5) / 3, 2), round(52.4 + number % 7, 2)
    return make_run(replace(base, evaluations=evaluations, gpu_hours=hours, cost_usd=dollars))


def _on_suite(run: LeaderboardRun, suite: str) -> LeaderboardRun:
    """Return the run as if it had been measured on another suite."""
    sides = tuple(replace(side, suite=suite, suite_digest=digest(suite)) for side in (run.baseline, *run.evaluations))
    base = facts(run.entry.name, seed=run.seed, baseline=sides[0], evaluations=sides[1:])
    return make_run(base)


def _name(number: int) -> str:
    first, second = FIRST.split(), SECOND.split()
    round_, place = divmod(number, len(first) * len(second))
    name = f"{first[place % len(first)]}-{second[place // len(first)]}"
    return f"{name}-{round_}" if round_ else name


def _evaluation(stage: str, ease: list[float], shift: float, *, k: int, seed: int) -> Evaluation:
    chance = random.Random(f"{stage}-{seed}")
    tasks = tuple(
        TaskRewards(
            id=f"T-{number:03}",
            digest=digest(number),
            domain=DOMAINS[number % len(DOMAINS)],
            group="sealed tasks",
            rewards=tuple(
                float(chance.random() < min(0.98, max(0.02, base + shift + chance.gauss(0, 0.08)))) for _ in range(k)
            ),
        )
        for number, base in enumerate(ease)
    )
    return Evaluation(
        stage=stage,
        checkpoint=digest([stage, seed]),
        suite="public-sample",
        suite_digest=digest([len(ease), "sample"]),
        trials_per_task=k,
        seed=seed,
        tasks=tasks,
    )
