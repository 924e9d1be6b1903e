"""Run jobs on rented machines, as far as the budgets go; a job that runs or has finished is found, not doubled.

    arena launch job.json --suite starting-kit/public-sample --store s3://arena --dry-run
    arena launch job.json --suite s3://arena-suite --store s3://arena --pull 41 --head 6663f55
    arena launch team-*/job.json --suite suite --infra slurm/arena --store /shared/arena

A job is trained on one machine and evaluated on another, which never sees its entry; the base model is evaluated once
for all jobs of a recipe and a suite. A job of the track skills is an evaluation alone, on a machine that has the entry.
`arena collect` looks after what was launched. With --dry-run nothing is launched:
SkyPilot's loader, validation and optimizer judge the tasks, and the prices are those of sky/catalogs.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from posttrain_arena.cli.job_files import read_entry, read_job
from posttrain_arena.cli.status import print_launches
from posttrain_arena.core.check.competition_file import read_competition
from posttrain_arena.core.launch.budget import stage_hours, stage_machines
from posttrain_arena.core.launch.ledger import find, keep, read_ledger
from posttrain_arena.core.launch.names import baseline_digest, baseline_name, launch_name
from posttrain_arena.core.launch.progress import TOLD_TO_END, again, moved, next_stage, queue, running, with_stage
from posttrain_arena.core.launch.stage_inputs import ENTRY, stage_code, stage_job
from posttrain_arena.core.launch.task import Request, task_document
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job, Track
from posttrain_arena.model.launch import TAKES_ENTRY, Launch, Place, StageName, StageRun
from posttrain_arena.model.lock import locked
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.submission import Submission

if TYPE_CHECKING:
    from posttrain_arena.cli.launch_desk import Desk

LEDGER = Path(".arena/ledger")
COMPETITION = documents.REPOSITORY_ROOT / "competition.yaml"
STAGES: Mapping[Track, tuple[StageName, ...]] = {
    "environments": ("post-train", "evaluate"),
    "skills": ("evaluate-skills",),
}
"""What a job of a track is launched as, in order; its baseline is a launch of its own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("jobs", metavar="JOB", type=Path, nargs="+", help="job documents (job.json)")
    parser.add_argument("--suite", required=True, help="folder of the suite, or the address of its bucket")
    parser.add_argument("--store", required=True, help="KIND://PREFIX of buckets (s3://arena), or a shared folder")
    parser.add_argument("--infra", default="", help="SkyPilot's clouds or cluster (default: any that has a price)")
    parser.add_argument("--python", default="", metavar="PATH", help="a Python of the machines with all packages in it")
    parser.add_argument("--pull", type=int, metavar="NUMBER", help="the pull request that asks for it")
    parser.add_argument("--head", default="", metavar="SHA", help="the commit that asks for it")
    parser.add_argument("--exhibition", default="", metavar="REASON", help="publish without a rank, for this reason")
    parser.add_argument("--dry-run", action="store_true", help="launch nothing: validate and price")
    add_ledger_argument(parser)


def add_ledger_argument(parser: argparse.ArgumentParser) -> None:
    """Declare where launches are kept."""
    parser.add_argument("--ledger", type=Path, default=LEDGER, metavar="DIR", help=f"folder of launches ({LEDGER})")


def open_desk(ledger: Path) -> Desk:
    """Return the desk of a ledger at the machines that SkyPilot's configuration names."""
    from posttrain_arena.adapters.skypilot.jobs import ManagedJobs
    from posttrain_arena.cli.launch_desk import Desk

    return Desk(ledger=ledger, compute=read_competition(COMPETITION).compute, machines=ManagedJobs())


def run(arguments: argparse.Namespace) -> int:
    """Launch, or with --dry-run say what it would cost."""
    store, suite = (_address(word) for word in (arguments.store, arguments.suite))
    place = Place(infra=arguments.infra, store=store, suite=suite, python=arguments.python)
    if arguments.dry_run:
        for path in arguments.jobs:
            _dry_run(path, place)
        return 0
    desk = open_desk(arguments.ledger)
    asked = Asked(place=place, pull=arguments.pull, head=arguments.head, exhibition=arguments.exhibition)
    with locked(desk.ledger):
        launched = [launch for path in arguments.jobs for launch in launch_job(desk, path, asked)]
    print_launches({launch.name: launch for launch in launched}.values())
    return 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a job is to run, and what asked for it; see ``model.launch.Launch``."""

    place: Place
    pull: int | None
    head: str
    exhibition: str


def launch_job(desk: Desk, path: Path, asked: Asked) -> list[Launch]:
    """Launch the job in a file, and its baseline before it, as far as the budgets go. Wants the ledger's lock."""
    job, recipe = read_job(path)
    return [_started(desk, launch) for launch in _recorded(desk, path, job, recipe=recipe, asked=asked)]


def _started(desk: Desk, launch: Launch) -> Launch:
    """Start what comes next, unless others wait who asked before: `arena collect` starts each in its turn."""
    stage, names = next_stage(launch), [one.name for one in queue(read_ledger(desk.ledger))]
    before = names.index(launch.name) if launch.name in names else 0
    if stage is None or not before:
        return desk.start(launch)
    return keep(desk.ledger, with_stage(launch, dataclasses.replace(stage, note=f"{before} asked before it")))


def _address(word: str) -> str:
    return word if "://" in word else str(Path(word).resolve())


def _recorded(desk: Desk, path: Path, job: Job, *, recipe: Acting, asked: Asked) -> tuple[Launch, Launch]:
    """Return the launches of a job's baseline and of the job: new, or from the ledger and ready to be tried again."""
    read_entry(path, job)
    base = Launch(
        name=baseline_name(job),
        job=baseline_digest(job),
        entry="",
        title="",
        baseline="",
        pull=None,
        head="",
        attempt=1,
        exhibition="",
        place=asked.place,
        stages=(StageRun(stage="baseline"),),
        asked=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )
    entry = path.parent / job.entry.path
    own = dataclasses.replace(
        base,
        name=launch_name(job),
        job=job.digest,
        entry=job.entry.name,
        title=documents.read_document(entry / "submission.yaml", Submission).title,
        baseline=base.name,
        pull=asked.pull,
        head=asked.head,
        attempt=1 + sum(one.entry == job.entry.name for one in read_ledger(desk.ledger)),
        exhibition=asked.exhibition,
        stages=_waiting(job),
    )
    return (
        _kept(desk, base, job, recipe=recipe, entry=entry),
        _kept(desk, own, job, recipe=recipe, entry=entry),
    )


def _stages(job: Job) -> tuple[StageName, ...]:
    found = STAGES.get(job.entry.track)
    if found is None:
        raise UsageError(f"{job.entry.name} is of the track {job.entry.track}, which `arena launch` does not run")
    return found


def _waiting(job: Job) -> tuple[StageRun, ...]:
    first, *then = _stages(job)
    return (StageRun(stage=first), *(StageRun(stage=stage, note=f"{first} comes first") for stage in then))


def _kept(desk: Desk, launch: Launch, job: Job, *, recipe: Acting, entry: Path) -> Launch:
    """Return a launch that is asked for as it stands in the ledger then; one that is known is looked at first."""
    known, folder = find(desk.ledger, launch.name), desk.ledger / launch.name
    if known is not None:
        known = again(desk.look(known))
        stage = running(known)
        if stage is not None and stage.note == TOLD_TO_END:
            raise UsageError(f"{known.name}: {stage.stage} was told to end and still runs: launch it in some minutes")
        if launch.stages[0].stage in TAKES_ENTRY and not (folder / ENTRY).exists():  # the ledger's branch has none
            shutil.copytree(entry, folder / ENTRY, symlinks=True)
        asked = known if launch.pull is None else dataclasses.replace(known, pull=launch.pull, head=launch.head)
        return keep(desk.ledger, moved(asked, launch.place))
    shutil.rmtree(folder, ignore_errors=True)
    stage_job(folder, launch.stages[0].stage, job, recipe=recipe, entry=entry)
    return keep(desk.ledger, launch)


def _dry_run(path: Path, place: Place) -> None:
    from posttrain_arena.adapters.skypilot.prices import quotes
    from posttrain_arena.cli.launch_desk import cheapest, clouds_of

    job, recipe = read_job(path)
    read_entry(path, job)
    compute = read_competition(COMPETITION).compute
    stages: tuple[StageName, ...] = (*_stages(job), "baseline")
    with tempfile.TemporaryDirectory() as folder:
        code = stage_code(Path(folder) / "code")
        docs = [
            task_document(
                Request(
                    name=launch_name(job) if stage != "baseline" else baseline_name(job),
                    stage=stage,
                    place=place,
                    code=code,
                    job=stage_job(Path(folder) / stage, stage, job, recipe=recipe, entry=path.parent / job.entry.path),
                    budget_sec=round(3600 * stage_hours(compute, stage)),
                    machines=stage_machines(compute, stage),
                ),
                recipe,
            )
            for stage in stages
        ]
        found = quotes(docs, clouds_of(place.infra))
    total = 0.0
    for stage, quote in zip(stages, found, strict=True):
        hours = stage_hours(compute, stage)
        best, most = quote.prices[quote.best] * hours, quote.highest * hours
        total += most if stage != "baseline" else 0.0
        print(f"{stage}: {cheapest(quote)}, ${best:.2f} for {hours:g} h, at most ${most:.2f}")
        for machine, price in sorted(quote.prices.items(), key=lambda item: item[1]):
            print(f"  {machine:<24} ${price:.2f}/h")
    print(f"{launch_name(job)}: at most ${total:.2f} of the ${compute.entry_usd:.2f} that the entry has")
    if total > compute.entry_usd:
        raise UsageError("the job could never start: it may cost more than its entry's whole budget")
