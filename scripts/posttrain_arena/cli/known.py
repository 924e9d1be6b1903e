"""Gather what a checkout has to compare published runs with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from posttrain_arena.cli.skill_sets import read_agent
from posttrain_arena.core.leaderboard.chain import Known, KnownEntry
from posttrain_arena.core.scoring.analysis import analysis_digest
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.submission import Submission
from posttrain_arena.model.suite import Suite
from posttrain_arena.model.tree import tree_digest

SUITES = ("starting-kit/public-sample/suite.json",)

T = TypeVar("T")


def known_here(repository: Path, competition: Competition) -> Known:
    """Return the entries, recipes, agents and open suites of a checkout, and what its competition.yaml has published.

    What cannot be read is left out: its own checks tell of it, and the links to it stay open.
    """
    recipes = _read(read_recipe, sorted((repository / "sky" / "recipes").glob("*.yaml")))
    agents = _read(read_agent, sorted((repository / "sky" / "agents").glob("*.yaml")))
    acting: list[Acting] = [*recipes.values(), *agents.values(), competition.reference_agent.document()]
    suites = _read(lambda path: documents.read_document(path, Suite), [repository / name for name in SUITES])
    entries = _read(_entry, sorted((repository / "submissions").glob("*/submission.yaml")))
    return Known(
        entries={path.parent.name: entry for path, entry in entries.items()},
        recipes={documents.digest(documents.to_document(one)): one.name for one in acting},
        suites={suite.digest: suite for suite in suites.values()},
        sealed_root=competition.suites.sealed.root,
        analysis=analysis_digest(competition.analysis),
    )


def _entry(path: Path) -> KnownEntry:
    said = documents.read_document(path, Submission)
    return KnownEntry(digest=tree_digest(path.parent), team=said.team_name, title=said.title, track=said.track)


def _read(read: Callable[[Path], T], paths: list[Path]) -> dict[Path, T]:
    found = {}
    for path in paths:
        try:
            found[path] = read(path)
        except UsageError:
            continue
    return found
