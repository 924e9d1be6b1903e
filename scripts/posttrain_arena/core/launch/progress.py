"""Follow a launch: which stage comes next, what a look at a managed job means for it, what a failure was."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from posttrain_arena.errors import UsageError
from posttrain_arena.model.launch import Launch, Place, StageFailure, StageName, StageRun
from posttrain_arena.model.node_report import NodeReport

MAX_DETAIL = 4000
TOLD_TO_END = "told to end"
"""The note of a stage whose managed job was cancelled and has not ended yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedJob:
    """What SkyPilot says of a managed job; ``machine`` as the prices name it, empty where none was seen."""

    sky_id: int
    name: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    recoveries: int = 0
    machine: str = ""

    @property
    def outcome(self) -> Literal["running", "succeeded", "failed", "cancelled"]:
        """How it stands; a job that is being cancelled counts as cancelled once it is."""
        if self.status == "SUCCEEDED":
            return "succeeded"
        if self.status == "CANCELLED":
            return "cancelled"
        return "failed" if self.status.startswith("FAILED") else "running"


_BEFORE_THE_RUN: dict[str, tuple[Literal["infrastructure", "us"], str]] = {
    "FAILED_SETUP": ("infrastructure", "set-up"),
    "FAILED_NO_RESOURCE": ("infrastructure", "no-machine"),
    "FAILED_CONTROLLER": ("infrastructure", "controller"),
    "FAILED_PRECHECKS": ("us", "refused-task"),
}


def failure_of(job: ManagedJob, report: NodeReport | None) -> StageFailure:
    """Say why a managed job failed and whose fault that is; only what the machine itself told is an author's."""
    if job.status in _BEFORE_THE_RUN:
        owner, reason = _BEFORE_THE_RUN[job.status]
        return StageFailure(owner=owner, reason=reason, detail=_cut(job.reason))
    if report is not None and report.failure is not None:
        return report.failure
    if report is not None and report.state == "interrupted":  # neither preempted, which recovers, nor cancelled
        return StageFailure(
            owner="us", reason="time-budget", detail="the stage took longer than competition.yaml allows"
        )
    return StageFailure(owner="us", reason="no-report", detail=_cut(job.reason or "the stage ended without a word"))


def next_stage(launch: Launch) -> StageRun | None:
    """Return the stage that waits for nothing but money and a machine; None where there is none."""
    for stage in launch.stages:
        if stage.state == "waiting":
            return stage
        if stage.state != "succeeded":
            return None
    return None


def running(launch: Launch) -> StageRun | None:
    """Return the stage that runs."""
    return next((stage for stage in launch.stages if stage.state == "launched"), None)


def seen(stage: StageRun, job: ManagedJob) -> StageRun:
    """Return a running stage after a look at its managed job: time, cost and recoveries, not yet how it ended.

    What ran since the last look is added at the price of its machine, the dearer one where it was replaced meanwhile,
    and the dearest of all where none was seen or has a price. SkyPilot names no machine of a job that recovers or
    ended: the one of the last look stands.
    """
    kind = job.machine or stage.kind
    dearest = max(stage.prices.values(), default=0.0)
    price = max(stage.prices.get(one, dearest) for one in (kind, stage.kind or kind))
    job_seconds = max(round(job.seconds, 1), stage.job_seconds)
    ran = job_seconds - stage.job_seconds
    return dataclasses.replace(
        stage,
        sky_id=job.sky_id,
        seconds=round(stage.seconds + ran, 1),
        cost_usd=round(stage.cost_usd + price * ran / 3600, 6),
        kind=kind,
        job_seconds=job_seconds,
        recoveries=job.recoveries,
    )


def again(launch: Launch) -> Launch:
    """Return a launch whose ended stage may be tried again; an author's failure stays, for it would come again."""
    return dataclasses.replace(
        launch,
        stages=tuple(
            dataclasses.replace(
                stage, state="waiting", sky_id=None, kind="", job_seconds=0.0, failure=None, note="to be tried again"
            )
            if stage.state == "cancelled"
            or (stage.state == "failed" and stage.failure is not None and stage.failure.owner != "author")
            else stage
            for stage in launch.stages
        ),
    )


def moved(launch: Launch, place: Place) -> Launch:
    """Return a launch at the place where it is asked for now; raises UsageError where it cannot go there any more.

    What nothing of is left to run stays recorded where it ran, and a baseline that runs, which others wait for too,
    goes on where it is. Another store would not have what a stage has made.
    """
    stage = running(launch)
    if place == launch.place or over(launch) or (stage is not None and not launch.entry):
        return launch
    if stage is not None:
        old, new = dataclasses.asdict(launch.place), dataclasses.asdict(place)
        other = ", ".join(f"{key} {old[key]!r} and not {new[key]!r}" for key in old if old[key] != new[key])
        raise UsageError(f"{launch.name}: {stage.stage} runs already, with {other}: cancel it first to move it")
    done = [one.stage for one in launch.stages if one.state == "succeeded"]
    if done and place.store != launch.place.store:
        raise UsageError(
            f"{launch.name}: what {done[-1]} made lies in {launch.place.store}, not in {place.store}: "
            f"launch it with --store {launch.place.store}"
        )
    return dataclasses.replace(launch, place=place)


def turn(launch: Launch) -> tuple[bool, str, str]:
    """Return the key that launches are served by: baselines, then entries by the day on which they were asked for."""
    return bool(launch.entry), launch.asked, launch.name


def queue(launches: Iterable[Launch]) -> list[Launch]:
    """Return the launches of entries that wait for money and a machine, in their turn."""
    waiting = [one for one in launches if one.entry and running(one) is None and next_stage(one) is not None]
    return sorted(waiting, key=turn)


def with_stage(launch: Launch, stage: StageRun) -> Launch:
    """Return the launch with one stage replaced."""
    return dataclasses.replace(
        launch, stages=tuple(stage if one.stage == stage.stage else one for one in launch.stages)
    )


def stage_of(launch: Launch, name: StageName) -> StageRun:
    """Return a launch's stage by its name."""
    return next(stage for stage in launch.stages if stage.stage == name)


def superseded(launches: Iterable[Launch], pull: int, head: str | None) -> Sequence[Launch]:
    """Return the launches of a pull request that are not over and not of its commit ``head``.

    A new commit voids what an older one asked for; ``head`` None voids all, as a removed label does.
    """
    return [launch for launch in launches if launch.pull == pull and launch.head != head and not over(launch)]


def over(launch: Launch) -> bool:
    """Say whether nothing of the launch runs or will run."""
    return running(launch) is None and next_stage(launch) is None


def _cut(text: str) -> str:
    return text.strip()[-MAX_DETAIL:]
