"""Follow a run back to what it was made of: entry, recipe, job, suite, analysis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from posttrain_arena.model.job import EntryRef, Job, RecipeRef, SuiteRef
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.reference_agent import equipped
from posttrain_arena.model.sealed_run import SealedRun
from posttrain_arena.model.suite import SEALED, Suite

Run = LeaderboardRun | SealedRun
State = Literal["holds", "broken", "open"]

_BLIND = re.compile(r"blind-[0-9a-f]{12}")
"""Names of aliases; an entry that calls itself so keeps links open that would hold, and closes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One step back from a run: it holds, it is broken, or it is open: what it leads to is not here to look at."""

    name: str
    state: State
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry of this checkout: the digest of its folder, and what its submission.yaml says."""

    digest: str
    team: str
    title: str
    track: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is at hand to compare runs with.

    ``recipes`` are names by digest, reference agents among them, ``suites`` are open suites by digest. ``sealed_root``
    and ``analysis`` are what was published; None where nothing was.
    """

    entries: Mapping[str, KnownEntry] = field(default_factory=dict)
    recipes: Mapping[str, str] = field(default_factory=dict)
    suites: Mapping[str, Suite] = field(default_factory=dict)
    sealed_root: str | None = None
    analysis: str | None = None


def links(run: Run, known: Known) -> Iterator[Link]:
    """Yield the steps back from a run."""
    yield _entry(run, known)
    yield _recipe(run, known)
    yield _job(run)
    yield _suite(run, known)
    yield _analysis(run, known)
    if run.entry.track == "skills":
        yield _skills(run)


def is_blind(run: Run) -> bool:
    """Say whether a run stands under an alias; its entry, job and checkpoint have aliases as well."""
    return _BLIND.fullmatch(run.entry.name) is not None


def _entry(run: Run, known: Known) -> Link:
    entry = known.entries.get(run.entry.name)
    if is_blind(run):
        return Link(name="entry", state="open", what="has an alias until its phase is over")
    if entry is None:
        return Link(name="entry", state="open", what="its folder is not in this checkout")
    if entry.digest != run.entry.digest:
        return Link(name="entry", state="open", what="this checkout has another version of it")
    for part in ("team", "title", "track"):
        said, found = getattr(run.entry, part), getattr(entry, part)
        if said != found:
            return Link(name="entry", state="broken", what=f"{part}: says {said!r}, and submission.yaml {found!r}")
    return Link(name="entry", state="holds")


def _recipe(run: Run, known: Known) -> Link:
    name = known.recipes.get(run.recipe.digest)
    if name is None:
        return Link(name="recipe", state="open", what="this checkout has no recipe with its digest")
    if name != run.recipe.name:
        return Link(name="recipe", state="broken", what=f"says {run.recipe.name!r}, and its digest is that of {name!r}")
    return Link(name="recipe", state="holds")


def _job(run: Run) -> Link:
    """Make the job again: its digest covers entry, recipe, suite and seed."""
    if is_blind(run):
        return Link(name="job", state="open", what="has an alias until its phase is over")
    entry = run.entry
    job = Job(
        entry=EntryRef(name=entry.name, team=entry.team, track=entry.track, path="", digest=entry.digest),
        recipe=RecipeRef(path="", digest=run.recipe.digest),
        suite=SuiteRef(name=run.suite.name, digest=run.suite.digest),
        seed=run.seed,
    )
    if job.digest != run.job:
        what = f"says {run.job}, and entry, recipe, suite and seed give {job.digest}"
        return Link(name="job", state="broken", what=what)
    return Link(name="job", state="holds")


def _skills(run: Run) -> Link:
    """See that both sides are one agent, with the entry's skills and without any."""
    without = run.baseline.checkpoint
    if without != run.base_model:
        return Link(name="skills", state="broken", what=f"the baseline is {without}, and the agent {run.base_model}")
    if is_blind(run):
        return Link(name="skills", state="open", what="have an alias until the phase is over")
    found = equipped(run.base_model, run.entry.digest)
    if found != run.checkpoint:
        what = f"says {run.checkpoint}, and the agent with the entry's skills is {found}"
        return Link(name="skills", state="broken", what=what)
    return Link(name="skills", state="holds")


def _suite(run: Run, known: Known) -> Link:
    sealed = f"sha256:{known.sealed_root}" if known.sealed_root else None
    if run.suite.name == SEALED or run.suite.digest == sealed:
        if (run.suite.name, run.suite.digest) != (SEALED, sealed):
            what = f"is {run.suite.name} {run.suite.digest}, and the sealed suite's root is {known.sealed_root}"
            return Link(name="suite", state="broken", what=what)
        return Link(name="suite", state="holds")
    suite = known.suites.get(run.suite.digest)
    if suite is None:
        return Link(name="suite", state="open", what="this checkout has no suite with its digest")
    return _open_suite(run, suite)


def _open_suite(run: Run, suite: Suite) -> Link:
    if isinstance(run, SealedRun) or run.suite.name != suite.name:
        return Link(name="suite", state="broken", what=f"is {suite.name}, which is not sealed")
    tasks = {(task.id, task.digest, task.domain, task.group) for task in suite.tasks}
    for evaluation in (run.baseline, *run.evaluations):
        found = {(task.id, task.digest, task.domain, task.group) for task in evaluation.tasks}
        for other in sorted(tasks ^ found):
            return Link(name="suite", state="broken", what=f"{other[0]}: is not the task that {suite.name} pins")
    return Link(name="suite", state="holds")


def _analysis(run: Run, known: Known) -> Link:
    if known.analysis is None:
        return Link(name="analysis", state="open", what="no competition.yaml to compare with")
    if run.score.analysis_digest != known.analysis:
        what = f"says {run.score.analysis_digest}, and competition.yaml's is {known.analysis}"
        return Link(name="analysis", state="broken", what=what)
    return Link(name="analysis", state="holds")
