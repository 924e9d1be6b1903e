"""Wire the ladder to a Docker engine, and to what is remembered of packages that did not change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from posttrain_arena.adapters.docker_engine.egress import Uplink
from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.ladder_progress import LadderProgress, kept_line
from posttrain_arena.core.check.remembered import version_of
from posttrain_arena.core.trial.ladder import LadderResult, Listener, climb_all
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents
from posttrain_arena.model.task import TaskPackage

__all__ = ["LadderResult", "trial_findings"]

RESULTS = documents.REPOSITORY_ROOT / ".arena" / "ladder"
RUNNER = Path(__file__).resolve().parents[1]
MAX_RESULTS = 5_000
"""Results that are kept, the latest."""


def trial_findings(
    packages: Sequence[TaskPackage],
    *,
    announce: Callable[[str], None],
    probed: Callable[[TaskPackage], bool] = lambda package: True,
    remember: bool = True,
    uplink: Uplink | None = None,
) -> dict[str, LadderResult]:
    """Return each package's result by its digest; ``announce`` hears how far it is, line by line.

    Allowed hosts are reached over ``uplink``, by default as the engine does. A package whose files, base images and
    limits were tried before by the same runner is not tried again.
    """

    with DockerEngine(uplink=uplink) as engine:
        runner = version_of([RUNNER / "core" / "trial", RUNNER / "adapters" / "docker_engine", RUNNER / "model"])
        places = {one.digest: _place(one, engine, f"{runner} {probed(one)}") for one in packages}
        known = {one.digest: found for one in packages if remember and (found := _recall(places[one.digest], one))}
        if known:
            announce(kept_line([one.name for one in packages if one.digest in known], len(packages)))
        fresh = [one for one in packages if one.digest not in known]
        progress = LadderProgress(len(fresh), announce)
        listener = Listener(trial=progress.trial, package=progress.package)
        results = climb_all(fresh, engine, cores=Supply(os.cpu_count() or 2), listener=listener, probed=probed)
        progress.end()
    for package, result in zip(fresh, results, strict=True):
        _keep(places[package.digest], package, result)
    return known | {package.digest: result for package, result in zip(fresh, results, strict=True)}


def _place(package: TaskPackage, engine: DockerEngine, runner: str) -> Path | None:
    try:
        image = engine.image_key(package)
    except DocumentError:
        return None
    said = f"{runner} {package.name} {package.digest} {image} {package.limits} {package.pass_threshold}"
    return RESULTS / hashlib.sha256(said.encode()).hexdigest()[:40]


def _recall(place: Path | None, package: TaskPackage) -> LadderResult | None:
    if place is None:
        return None
    try:
        path, found = msgspec.msgpack.decode(place.read_bytes(), type=tuple[str, LadderResult])
    except (OSError, msgspec.DecodeError):
        return None
    here = os.fspath(package.path)
    findings = tuple(
        replace(one, path=here + one.path.removeprefix(path), how=one.how.replace(path, here)) for one in found.findings
    )
    return replace(found, findings=findings)


def _keep(place: Path | None, package: TaskPackage, result: LadderResult) -> None:
    """Remember a result; one that the infrastructure broke is tried again next time."""
    if place is None or result.broken:
        return
    trials = tuple(replace(trial, agent_log="", verifier_log="") for trial in result.trials)
    kept = (os.fspath(package.path), replace(result, trials=trials))
    with suppress(OSError):  # a place that cannot be written to costs time next time
        documents.write_bytes(place, msgspec.msgpack.encode(kept))
        for old in sorted(RESULTS.iterdir(), key=lambda file: file.stat().st_mtime)[:-MAX_RESULTS]:
            old.unlink()
