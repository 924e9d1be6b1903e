"""Plan the job of an entry: everything that decides its result, by digest, and a copy of the entry's plain files.

    arena plan --tree entry --entry submissions/team-north --out job
    arena plan --tree . --entry submissions/team-south --agent sky/agents/tiny.yaml --out job-tiny

An entry of the track skills is planned with the reference agent of competition.yaml, whatever the recipe.

Runs without a token: what lies in the tree is a stranger's.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from posttrain_arena.cli.launch import COMPETITION
from posttrain_arena.cli.skill_sets import read_agent
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.contest.pull_request import entry_of
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.submission import Submission
from posttrain_arena.model.suite import SEALED
from posttrain_arena.model.tree import tree_digest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is planned from and where to."""
    parser.add_argument("--tree", type=Path, required=True, metavar="DIR", help="checkout of the pull request's head")
    parser.add_argument("--entry", required=True, metavar="PATH", help="the entry's folder in it")
    parser.add_argument(
        "--recipe", type=Path, metavar="FILE", help="another recipe to train by than competition.yaml's baseline/recipe"
    )
    parser.add_argument(
        "--agent", type=Path, metavar="FILE", help="another reference agent for skills than competition.yaml's"
    )
    parser.add_argument("--sealed", action="store_true", help="for the sealed suite, not the public sample")
    parser.add_argument("--seed", type=int, default=0, help="seed of the training (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="new folder for job.json and the entry")


def run(arguments: argparse.Namespace) -> int:
    """Write the job; raises UsageError where the entry has anything but plain files, or --out is not empty."""
    if arguments.out.exists() and (not arguments.out.is_dir() or any(arguments.out.iterdir())):
        raise UsageError(f"--out {arguments.out}: is not an empty folder: name another, or remove it")
    if entry_of(f"{arguments.entry}/x") != arguments.entry:
        raise UsageError(f"{arguments.entry!r} is no entry's folder: name submissions/<entry>")
    source = arguments.tree / arguments.entry
    digest = tree_digest(source)  # refuses links and special files
    name = source.name
    submission = documents.read_document(source / "submission.yaml", Submission)
    acting = _acting(arguments, submission)
    job = Job(
        entry=EntryRef(
            name=name, team=submission.team_name, track=submission.track, path=f"entry/{name}", digest=digest
        ),
        recipe=RecipeRef(path="recipe.json", digest=documents.digest(documents.to_document(acting))),
        suite=_suite(sealed=arguments.sealed),
        seed=arguments.seed,
    )
    shutil.copytree(source, arguments.out / "entry" / name, symlinks=True)
    documents.write_document(arguments.out / "recipe.json", acting)
    documents.write_document(arguments.out / "job.json", job)
    print(f"planned {job.digest} of {name}")
    return 0


def _acting(arguments: argparse.Namespace, submission: Submission) -> Acting:
    """Return what decides how models act: the recipe to train by, or for skills the reference agent."""
    if submission.track == "skills":
        return read_agent(arguments.agent) if arguments.agent else _as_analysed(_agent_of_all())
    return read_recipe(arguments.recipe) if arguments.recipe else _as_analysed(_recipe_of_all())


def _agent_of_all() -> Acting:
    return read_competition(COMPETITION).reference_agent.document()


def _recipe_of_all() -> Acting:
    """Return the one recipe that every entry is trained by."""
    name = read_competition(COMPETITION).baseline.recipe
    if name is None:
        raise UsageError(
            f"{COMPETITION}: baseline/recipe is null: name a recipe of sky/recipes there, or give --recipe"
        )
    return read_recipe(documents.REPOSITORY_ROOT / "sky" / "recipes" / f"{name}.yaml")


def _as_analysed(acting: Acting) -> Acting:
    """Return what all are measured by; raises UsageError where its trials are not those of the published analysis."""
    analysis = read_competition(COMPETITION).analysis
    for field in ("trials_per_task", "baseline_trials_per_task"):
        found, published = getattr(acting.evaluation, field), getattr(analysis, field)
        if found != published:
            raise UsageError(
                f"{acting.name}: evaluation/{field} is {found}, the published analysis has {published}: make it that"
            )
    return acting


def _suite(*, sealed: bool) -> SuiteRef:
    """Return the suite that the run will be scored on: the public sample, or the sealed suite by its root."""
    suites = read_competition(COMPETITION).suites
    if sealed:
        if suites.sealed.root is None:
            raise UsageError("competition.yaml: suites/sealed/root is null: seal the suite first (arena suite seal)")
        return SuiteRef(name=SEALED, digest=f"sha256:{suites.sealed.root}")
    digest = suites.public_sample.digest
    if digest is None:
        raise UsageError("competition.yaml: suites/public_sample/digest is null: publish the sample first")
    return SuiteRef(name="public-sample", digest=digest)
