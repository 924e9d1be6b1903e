"""What a package's own trials used, beside what it declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from posttrain_arena.model.report import Peak
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

TIGHT = 0.8
"""Of a limit. Agents are slower than an oracle, and machines differ."""

_SETTINGS = {
    "build time": "environment.build_timeout_sec",
    "agent time": "agent.timeout_sec",
    "verifier time": "verifier.timeout_sec",
    "disk": "environment.storage_mb",
}
"""Limits that ought not to be tight. Memory is not among them: files that the kernel caches count as well."""

_SHORT_SEC = 0.5
"""Cores are not counted over less."""

_FOUND_SEC = 0.1
"""No build is faster: the image was there."""


def peaks_of(package: TaskPackage, trials: Sequence[Trial], *, build_sec: float) -> tuple[Peak, ...]:
    """Return the most that any of the trials used; ``build_sec`` counts where the image was not there already."""
    limits = package.limits
    usages = [usage for trial in trials for usage in (trial.agent_usage, trial.verifier_usage)]
    cores = [
        trial.agent_usage.cpu_sec / trial.timings.agent_sec
        for trial in trials
        if trial.agent_usage.cpu_sec is not None and trial.timings.agent_sec > _SHORT_SEC
    ]
    used = (
        ("build time", [build_sec if build_sec > _FOUND_SEC else None], limits.build_timeout_sec, "s"),
        ("agent time", [trial.timings.agent_sec for trial in trials], limits.agent_timeout_sec, "s"),
        ("verifier time", [trial.timings.verify_sec for trial in trials], limits.verifier_timeout_sec, "s"),
        ("cores", cores, limits.cpus, ""),
        ("memory", [usage.memory_mb for usage in usages], limits.memory_mb, "MB"),
        ("disk", [usage.disk_mb for usage in usages], limits.storage_mb, "MB"),
    )
    return tuple(
        Peak(resource=name, used=round(most, 3), limit=float(limit), unit=unit)
        for name, values, limit, unit in used
        if (most := _most(values)) is not None
    )


def tight(peaks: Iterable[Peak]) -> Iterator[tuple[Peak, str]]:
    """Yield the peaks that come near their limits, each with the setting that declares it."""
    for peak in peaks:
        if peak.resource in _SETTINGS and peak.used > TIGHT * peak.limit:
            yield peak, _SETTINGS[peak.resource]


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
