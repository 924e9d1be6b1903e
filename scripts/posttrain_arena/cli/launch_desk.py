"""Move launches on: price a stage, reserve its money, launch it, look after it, bring its documents home."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from posttrain_arena.adapters.skypilot.prices import Quote, clouds_with_prices, quotes
from posttrain_arena.cli.chat_agent import secret
from posttrain_arena.cli.job_files import read_job
from posttrain_arena.core.launch.budget import over_budget, stage_hours, stage_machines, why_wait
from posttrain_arena.core.launch.ledger import keep, read_ledger
from posttrain_arena.core.launch.names import managed_job_name
from posttrain_arena.core.launch.progress import (
    TOLD_TO_END,
    ManagedJob,
    failure_of,
    next_stage,
    running,
    seen,
    with_stage,
)
from posttrain_arena.core.launch.results import unpack
from posttrain_arena.core.launch.stage_inputs import ENTRY, stage_code, stage_job
from posttrain_arena.core.launch.task import Request, secrets_of, task_document
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.competition import Compute
from posttrain_arena.model.launch import Launch, StageFailure, StageName, StageRun
from posttrain_arena.model.node_report import NodeReport
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.trackers import VARIABLE, known_trackers

TEACHER = "ARENA_TEACHER_ENDPOINT"


_OVERSPENT = StageFailure(
    owner="infrastructure",
    reason="over-budget",
    detail="machines were taken away so often that the stage cost more than was reserved for it",
)


class Machines(Protocol):
    """What runs managed jobs; see ``adapters.skypilot.jobs.ManagedJobs``."""

    def ensure(self, name: str, doc: Mapping[str, Any], secrets: Mapping[str, str]) -> ManagedJob:
        """Return the job of this name, launched where there was none."""
        ...

    def find(self, name: str) -> list[ManagedJob]:
        """Return all jobs of exactly this name, oldest first."""
        ...

    def get(self, name: str, sky_id: int) -> ManagedJob:
        """Return one job."""
        ...

    def log(self, sky_id: int) -> str:
        """Return what a job wrote."""
        ...

    def cancel(self, ids: Sequence[int]) -> None:
        """Have jobs end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A ledger, its budgets, and the machines. Every method wants the ledger's lock to be held."""

    ledger: Path
    compute: Compute
    machines: Machines
    price: Callable[[Sequence[Mapping[str, Any]], Sequence[str]], list[Quote]] = quotes

    def advance(self, launch: Launch) -> Launch:
        """Look at what runs, then start what comes next, as far as the budgets go."""
        return self.start(self.look(launch))

    def look(self, launch: Launch) -> Launch:
        """Look at what runs: its costs, and how it ended where it did."""
        stage = running(launch)
        return launch if stage is None else keep(self.ledger, with_stage(launch, self._looked_at(launch, stage)))

    def start(self, launch: Launch) -> Launch:
        """Start what comes next, as far as the budgets go."""
        stage = next_stage(launch)
        return launch if stage is None else self._start(launch, stage)

    def cancel(self, launch: Launch) -> Launch:
        """Have what runs end and let nothing follow; what it cost is known once it ended, at the next look."""
        for stage in launch.stages:
            if stage.state == "waiting":
                launch = with_stage(launch, dataclasses.replace(stage, state="cancelled", note=""))
            elif stage.state == "launched":
                launch = with_stage(launch, self._told_to_end(launch, stage))
        return launch

    def _told_to_end(self, launch: Launch, stage: StageRun) -> StageRun:
        jobs = self.machines.find(
            managed_job_name(launch.name, stage.stage)
        )  # by name: the number may not be known yet
        running = [job.sky_id for job in jobs if job.outcome == "running"]
        self.machines.cancel(running)
        if running:
            return dataclasses.replace(stage, sky_id=running[0], note=TOLD_TO_END)
        return stage if stage.sky_id is not None else dataclasses.replace(stage, state="cancelled", note="")

    def _start(self, launch: Launch, stage: StageRun) -> Launch:
        doc, recipe = self._task(launch, stage.stage)
        (quote,) = self.price([doc], clouds_of(launch.place.infra))
        reserve = round(quote.highest * stage_hours(self.compute, stage.stage), 2)
        if note := why_wait(read_ledger(self.ledger), launch, reserve, self.compute):
            return keep(self.ledger, with_stage(launch, dataclasses.replace(stage, note=note)))
        told = _secrets(recipe, stage.stage)
        # Written before the launch: should this process end in between, the next look finds the job by its name.
        reserved = dataclasses.replace(
            stage,
            state="launched",
            note="",
            machines=stage_machines(self.compute, stage.stage),
            prices=quote.prices,
            reserved_usd=round(stage.cost_usd + reserve, 2),
        )
        launch = keep(self.ledger, with_stage(launch, reserved))
        job = self.machines.ensure(managed_job_name(launch.name, stage.stage), doc, told)
        return keep(self.ledger, with_stage(launch, dataclasses.replace(reserved, sky_id=job.sky_id)))

    def _looked_at(self, launch: Launch, stage: StageRun) -> StageRun:
        name = managed_job_name(launch.name, stage.stage)
        if stage.sky_id is None:
            doc, recipe = self._task(launch, stage.stage)
            job = self.machines.ensure(name, doc, _secrets(recipe, stage.stage))
        else:
            job = self.machines.get(name, stage.sky_id)
        stage = seen(stage, job)
        if job.outcome == "running":
            if over_budget(stage):
                self.machines.cancel([job.sky_id])
                return dataclasses.replace(stage, note=TOLD_TO_END)
            return stage
        if job.outcome == "cancelled" and over_budget(stage):
            return dataclasses.replace(stage, state="failed", note="", failure=_OVERSPENT)
        if job.outcome == "cancelled":
            return dataclasses.replace(stage, state="cancelled", note="")
        report = self._brought_home(launch, stage.stage, self.machines.log(job.sky_id))
        if job.outcome == "succeeded" and report is not None:
            return dataclasses.replace(stage, state="succeeded", note="")
        return dataclasses.replace(stage, state="failed", note="", failure=failure_of(job, report))

    def _brought_home(self, launch: Launch, stage: StageName, log: str) -> NodeReport | None:
        """Write what a machine sent; return what it reports, None where that is nothing or of another job."""
        folder = results(self.ledger, launch.name, stage)
        files = unpack(log)
        for path, text in files.items():
            documents.write_bytes(folder / path, text.encode())
        if f"reports/{stage}.json" not in files:
            return None
        report = documents.read_document(folder / "reports" / f"{stage}.json", NodeReport)
        job, _ = read_job(self.ledger / launch.name / "job.json")
        return report if (report.job, report.stage) == (job.digest, stage) else None

    def _task(self, launch: Launch, stage: StageName) -> tuple[dict[str, Any], Acting]:
        folder = self.ledger / launch.name
        job, recipe = read_job(folder / "job.json")
        request = Request(
            name=launch.name,
            stage=stage,
            place=launch.place,
            code=stage_code(folder / "code"),
            job=stage_job(folder / stage, stage, job, recipe=recipe, entry=folder / ENTRY, suite=launch.place.suite),
            budget_sec=round(3600 * stage_hours(self.compute, stage)),
            machines=stage_machines(self.compute, stage),
            teacher_endpoint=os.environ.get(TEACHER, ""),
            trackers=_trackers(stage),
        )
        return task_document(request, recipe), recipe


def results(ledger: Path, name: str, stage: StageName) -> Path:
    """Return the folder of what a stage sent home."""
    return ledger / name / "results" / stage


def clouds_of(infra: str) -> list[str]:
    """Return the clouds that SkyPilot's words for an infrastructure name; all with a price where there is no word."""
    if not infra:
        return clouds_with_prices()
    return sorted({word.strip().partition("/")[0] for word in infra.split(",")})


def cheapest(quote: Quote) -> str:
    """Return a quote in words."""
    return f"{quote.best} at ${quote.prices[quote.best]:.2f}/h"


def _trackers(stage: StageName) -> tuple[str, ...]:
    return known_trackers(os.environ.get(VARIABLE, "").split(",")) if stage == "post-train" else ()


def _secrets(recipe: Acting, stage: StageName) -> dict[str, str]:
    wanted = secrets_of(recipe, _trackers(stage))
    told = {name: secret(name) for name in wanted}
    if missing := [name for name, needed in wanted.items() if needed and not told[name]]:
        raise UsageError(f"{recipe.name} needs {', '.join(missing)}: set it in the environment")
    return told
