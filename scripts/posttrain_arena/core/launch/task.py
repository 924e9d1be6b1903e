"""Fill a SkyPilot task of ``sky/`` for one launch: inputs, buckets, machines, secrets. It does not need SkyPilot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.launch import Place, StageName, StageRun
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.reference_agent import Acting
from posttrain_arena.model.trackers import TRACKERS

SKY = documents.REPOSITORY_ROOT / "sky"

_CPU_SIZE = {"cpus": "4+", "memory": "8+", "disk_size": 128}
"""What a recipe without a GPU takes: the embedded default trains a few thousand weights. Never spot: it costs cents."""

_SOLD = (1, 2, 4, 8)
"""How many GPUs the machines of the clouds have."""

_CHECKPOINTS, _RESULTS = "checkpoints", "results"

_BUCKETS = re.compile(r"(s3|r2|nebius)://([a-z][a-z0-9-]{0,11})")
"""Kinds that SkyPilot and addresses call alike; a prefix short enough that whole names have at most 63 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One stage to launch: the launch's name, its staged folders here, and how long its machines may take.

    ``trackers`` hear of a training; they are no part of the job.
    """

    name: str
    stage: StageName
    place: Place
    code: Path
    job: Path
    budget_sec: int
    machines: int = 1
    teacher_endpoint: str = ""
    trackers: tuple[str, ...] = ()


def task_document(request: Request, recipe: Acting) -> dict[str, Any]:
    """Return the stage's task with everything filled in but the secrets' values."""
    path = SKY / f"{request.stage}.yaml"
    doc: dict[str, Any] = documents.parse_text(path.read_text(encoding="utf-8"), where=str(path))
    doc["name"] = f"{request.name}-{request.stage}"
    doc["resources"] = sized(doc["resources"], gpus=gpus_of(recipe), infra=request.place.infra)
    doc["num_nodes"] = request.machines
    doc["secrets"] = {name: None for name in doc.get("secrets", {}) if name in secrets_of(recipe, request.trackers)}
    values = _values(request)
    doc["envs"] = {name: values.get(name, default) for name, default in doc["envs"].items()}
    if "://" not in request.place.store:  # no buckets: their mounts go, and the variables that would name them
        doc["file_mounts"] = {to: what for to, what in doc["file_mounts"].items() if not isinstance(what, dict)}
        doc["envs"] = {name: value for name, value in doc["envs"].items() if value is not None}
    return doc


def secrets_of(recipe: Acting, trackers: Sequence[str] = ()) -> dict[str, bool]:
    """Return the secrets that settings and trackers can use, by name, and whether they cannot do without."""
    wanted = {name: True for tracker in trackers for name in TRACKERS[tracker]}
    if recipe.model.hub is not None:
        wanted["HF_TOKEN"] = False  # open weights need none
    if isinstance(recipe, Recipe) and recipe.teacher.chat is not None:
        wanted["ARENA_TEACHER_KEY"] = True
    return wanted


def gpus_of(recipe: Acting) -> int:
    """Return how many GPUs to ask for: none, or enough for server and trainer, in a number that is sold.

    One training process may share the server's devices; more of them have each one of their own.
    """
    devices = recipe.server.devices
    processes = recipe.trainer.processes if isinstance(recipe, Recipe) else 0
    if devices is None:
        return 0
    wanted = max(1 + max(devices), len(devices) + processes if processes > 1 else 0)
    for number in _SOLD:
        if number >= wanted:
            return number
    raise UsageError(f"the recipe {recipe.name} wants {wanted} GPUs: no machine has over {_SOLD[-1]}")


def gpu_hours(recipe: Acting, stages: Iterable[StageRun]) -> float:
    """Return the hours of GPUs that stages took, on all their machines and in all their attempts."""
    return round(gpus_of(recipe) * sum(stage.machines * stage.seconds for stage in stages) / 3600, 3)


def sized(resources: Mapping[str, Any], *, gpus: int, infra: str) -> dict[str, Any]:
    """Return a task's resources for so many GPUs on ``infra``: one of SkyPilot's words, several with commas, or any."""
    kept = {key: value for key, value in resources.items() if key != "any_of"}
    options = [dict(option) for option in resources["any_of"]]
    if gpus == 0:
        kept |= _CPU_SIZE
        options = [{"use_spot": False}]
    for option in options:
        if "accelerators" in option:
            name, _, count = option["accelerators"].partition(":")
            option["accelerators"] = f"{name}:{max(gpus, int(count))}"
    places = [{"infra": one} for one in infra.split(",")] if infra else [{}]
    unique: list[dict[str, Any]] = []
    for option in ({**option, **place} for place in places for option in options):
        if option not in unique:
            unique.append(option)
    return {**kept, "any_of": unique}


def _values(request: Request) -> dict[str, str]:
    place = request.place
    values = {
        "ARENA_BUDGET_SEC": str(request.budget_sec),
        "ARENA_CODE": str(request.code),
        "ARENA_JOB": str(request.job),
        "ARENA_SUITE": place.suite,
        "ARENA_PYTHON": place.python,
        "ARENA_TEACHER_ENDPOINT": request.teacher_endpoint,
        "ARENA_TRACKERS": ",".join(request.trackers),
    }
    if "://" in place.store:
        buckets = _BUCKETS.fullmatch(place.store)
        if buckets is None:
            raise UsageError(f"{place.store}: a store is a folder, or s3, r2 or nebius with a prefix, as in s3://arena")
        return values | {
            "ARENA_STORE_KIND": buckets[1],
            "ARENA_CHECKPOINTS": f"{buckets[2]}-{request.name}-{_CHECKPOINTS}",
            "ARENA_RESULTS": f"{buckets[2]}-{request.name}-{_RESULTS}",
        }
    shared = f"{place.store.rstrip('/')}/{request.name}"
    own = _CHECKPOINTS if request.stage == "post-train" else _RESULTS
    return values | {
        "ARENA_RUN": f"{shared}/{own}",
        "ARENA_CHECKPOINT": f"{shared}/{_CHECKPOINTS}",
        "ARENA_BASES": f"{place.store.rstrip('/')}/bases",
    }
