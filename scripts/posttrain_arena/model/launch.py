"""A launch: one job, or the baseline of many, on rented machines; the launches of a folder are the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from posttrain_arena.model.trial import Owner

StageName = Literal["post-train", "evaluate", "evaluate-skills", "baseline"]
TAKES_ENTRY: frozenset[StageName] = frozenset({"post-train", "evaluate-skills"})
"""The stages whose machines are given the files of the entry."""

State = Literal["waiting", "launched", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailure:
    """Why a stage did not finish, and whose fault that is; ``reason`` is a stable slug, ``detail`` is prose."""

    owner: Owner
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """One stage on machines, over all its attempts: ``reserved_usd`` is the most it may cost, ``cost_usd`` what it did.

    ``machines`` is how many at once, ``prices`` has US dollars an hour for them all by their kind, as the estimate saw
    it, ``kind`` is the one that was seen last and ``job_seconds`` how long the managed job had run then. ``seconds`` is
    how long machines ran. ``note`` is what a waiting stage waits for, or what a running one was told.
    """

    stage: StageName
    state: State = "waiting"
    note: str = ""
    sky_id: int | None = None
    machines: int = 1
    prices: dict[str, float] = field(default_factory=dict)
    reserved_usd: float = 0.0
    cost_usd: float = 0.0
    seconds: float = 0.0
    kind: str = ""
    job_seconds: float = 0.0
    recoveries: int = 0
    failure: StageFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a launch runs and keeps its files.

    ``infra`` is SkyPilot's word for clouds or a cluster, empty for any. ``store`` is a folder that all machines share,
    or the kind and prefix of buckets, as in ``s3://prefix``. ``suite`` is a folder here or a bucket's address,
    ``python`` a Python that the machines have with all packages in it, empty where set-up is to make one.
    """

    infra: str
    store: str
    suite: str
    python: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """``<name>.json`` in the ledger: what was asked for, how far it is, what it cost.

    ``name`` follows from the job's digest. ``pull`` and ``head`` are the pull request and commit that asked for it.
    ``entry`` is empty for a baseline. ``exhibition`` is the reason why the run will hold no rank. ``asked`` is the ISO
    day (UTC) on which it was asked for first, empty where nobody noted it. ``refused`` is why what its machines sent
    home is no result, or that reason's digest where it may not be read; empty where it is one, or nothing came yet.
    """

    SCHEMA: ClassVar[str] = "launch"

    schema: Literal["launch/1"] = "launch/1"
    name: str
    job: str
    entry: str
    title: str
    baseline: str
    pull: int | None
    head: str
    attempt: int
    exhibition: str
    place: Place
    stages: tuple[StageRun, ...]
    asked: str = ""
    refused: str = ""
