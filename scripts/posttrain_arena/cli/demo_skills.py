"""Run the loop of the track skills once: a frozen tiny agent, with an entry's skills and without any.

It copies the starting kit's example entry, makes a held-out suite from two families (figures of texts, for most of
which the entry has a skill, and copies, which need none), checks the entry, builds the agent, runs the suite without
skills and with them, scores the lift, and writes leaderboard and site.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from posttrain_arena.adapters.versions import library_versions
from posttrain_arena.cli.check import check
from posttrain_arena.cli.demo_images import build_images
from posttrain_arena.cli.demo_kit import FAMILIES
from posttrain_arena.cli.demo_summary import print_summary
from posttrain_arena.cli.evaluation_stage import BASELINE, WITH_SKILLS, EvaluationStage
from posttrain_arena.cli.packages import load_package
from posttrain_arena.cli.progress import Progress, Step, StepLine
from posttrain_arena.cli.results import add_run, make_run, write_board
from posttrain_arena.cli.run_context import EvaluationContext, StageResult
from posttrain_arena.cli.run_document import Publication, hardware, run_facts
from posttrain_arena.cli.site import build_site
from posttrain_arena.cli.skill_sets import read_agent, skill_set
from posttrain_arena.cli.training_stages import base_stage
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.leaderboard.store import read_runs
from posttrain_arena.core.suites.fix import fix_suite
from posttrain_arena.core.trial.sandbox import Engine
from posttrain_arena.core.trial.skills import SkillSet
from posttrain_arena.errors import ArenaError
from posttrain_arena.model import documents
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.reference_agent import ReferenceAgent
from posttrain_arena.model.submission import Submission
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.tree import tree_digest

EXAMPLE = documents.REPOSITORY_ROOT / "starting-kit" / "example-skills"
AGENT = documents.REPOSITORY_ROOT / "sky" / "agents" / "tiny.yaml"
SUITE = "tiny-skills"
GROUPS = {"figures of a text": "text-figures", "copies, no skill needed": "copy-word"}
FULL, SHORT = (24, 8), (4, 2)
"""Tasks of each group; the short loop shows that all of it works, and measures nothing."""

STEPS = (
    Step("Make the held-out suite", 2),
    Step("Build the task images", 10),
    Step("Check the entry", 2),
    Step("Build the reference agent", 120),
    Step("Evaluate without skills", 60),
    Step("Evaluate with the entry's skills", 70),
    Step("Score, leaderboard and site", 3),
)
"""Seconds on the two-core machine of docs/design.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillKit:
    """Everything the loop starts from, on disk and as values."""

    folder: Path
    agent: ReferenceAgent
    entry: Path
    suite: Suite
    tasks: Mapping[str, TaskPackage]

    def job(self, seed: int) -> Job:
        """Return the job of a seed, to be written into the kit's folder."""
        said = documents.read_document(self.entry / "submission.yaml", Submission)
        return Job(
            entry=EntryRef(
                name=self.entry.name,
                team=said.team_name,
                track="skills",
                path=f"entry/{self.entry.name}",
                digest=tree_digest(self.entry),
            ),
            recipe=RecipeRef(path="recipe.json", digest=documents.digest(documents.to_document(self.agent))),
            suite=SuiteRef(name=SUITE, digest=self.suite.digest),
            seed=seed,
        )


def run(arguments: argparse.Namespace) -> int:
    """Run the loop for every seed and print what came of it."""
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    out: Path = arguments.out / ("skills-short" if arguments.short else "skills")
    print(f"PostTrain Arena demo, track skills: everything goes below {out}", flush=True)
    for seed in arguments.seeds:
        progress = Progress(STEPS)
        with DockerEngine() as engine:
            with progress.step("Make the held-out suite"):
                kit = make_skill_kit(out, SHORT if arguments.short else FULL)
            result = play_skills(kit, engine, progress, seed=seed, exhibition=arguments.exhibition)
        notes = ["Everything was up to date."] if progress.nothing_to_do else []
        print_summary(result, notes, out, progress.seconds)
    return 0


def make_skill_kit(folder: Path, sizes: tuple[int, int], *, entry: Path = EXAMPLE) -> SkillKit:
    """Write the entry, the agent and the suite below ``folder`` anew; the same sizes give the same bytes."""
    copy, suite = folder / "entry" / entry.name, folder / "suite"
    for made in (copy, suite):
        shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(entry, copy, symlinks=True)
    groups = {
        group: [load_package(path) for path in _packages(family, count, suite)]
        for (group, family), count in zip(GROUPS.items(), sizes, strict=True)
    }
    fixed = fix_suite(SUITE, groups, folder=suite)
    documents.write_document(suite / "suite.json", fixed)
    agent = read_agent(AGENT)
    documents.write_document(folder / "recipe.json", agent)
    tasks = {task.name: task for tasks in groups.values() for task in tasks}
    return SkillKit(folder=folder, agent=agent, entry=copy, suite=fixed, tasks=tasks)


def _packages(family: str, count: int, out: Path) -> list[Path]:
    return render_family(FAMILIES / family, Draw(split="held-out", count=count, seed=0), out=out)


def play_skills(kit: SkillKit, engine: Engine, progress: Progress, *, seed: int, exhibition: str) -> LeaderboardRun:
    """Build what is needed, evaluate without skills and with them, and publish below the kit's folder."""
    with progress.step("Build the task images") as line:
        build_images(engine, list(kit.tasks.values()), line)
    with progress.step("Check the entry"):
        _check(kit)
    out = kit.folder / f"seed-{seed}"
    context = EvaluationContext(recipe=kit.agent, seed=seed, engine=engine, out=out, bases=kit.folder.parent / "agents")
    base = progress.stage("Build the reference agent", lambda line: base_stage(context, line.update))
    skills = skill_set(kit.entry, tree_digest(kit.entry))
    evaluate = partial(_evaluated, context, base, kit)
    without = progress.stage("Evaluate without skills", lambda line: evaluate(None, line))
    given = progress.stage("Evaluate with the entry's skills", lambda line: evaluate(skills, line))
    stages = {"base": base, f"evaluation-{BASELINE}": without, f"evaluation-{WITH_SKILLS}": given}
    with progress.step("Score, leaderboard and site"):
        return _publish(kit, seed, stages, exhibition)


def _evaluated(
    context: EvaluationContext, base: StageResult, kit: SkillKit, skills: SkillSet | None, line: StepLine
) -> StageResult:
    suite = (kit.suite, kit.tasks)
    stage = EvaluationStage(context=context, base=base, checkpoint=None, suite=suite, tick=line.update, skills=skills)
    return stage.run()


def _check(kit: SkillKit) -> None:
    report = check(find_targets([kit.entry]), level="structural")
    if report.outcome != "passed":
        documents.write_document(kit.folder / "report.json", report)
        raise ArenaError(f"the kit's own entry does not pass its check: see {kit.folder / 'report.json'}")


def _publish(kit: SkillKit, seed: int, stages: Mapping[str, StageResult], exhibition: str) -> LeaderboardRun:
    job = kit.job(seed)
    documents.write_document(kit.folder / "job.json", job)
    leaderboard = kit.folder / "leaderboard"
    before = read_runs(leaderboard)
    publication = Publication(
        title=documents.read_document(kit.entry / "submission.yaml", Submission).title,
        attempt=next((run.attempt for run in before if run.job == job.digest), 1 + len(before)),
        exhibition=exhibition,
        hardware=hardware(),
        versions=library_versions(kit.agent),
    )
    run = make_run(run_facts(kit.agent, job, stages, publication))
    documents.write_document(kit.folder / f"seed-{seed}" / "run.json", run)
    add_run(run, leaderboard)
    write_board(leaderboard)
    build_site(leaderboard, kit.folder / "site")
    return run
