"""Say how far the ladder of a level publication-grade is, and what it spent its time on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from posttrain_arena.core.trial.ladder import LadderResult
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial

SLOWEST = 5
"""Steps that are named at the end."""

MAX_NAMED = 5
"""Packages that are named on one line."""

_WORTH_NAMING_SEC = 5.0


class LadderProgress:
    """Tells each honest trial, each package, and at the end the slowest steps; one line each, in any thread."""

    def __init__(self, total: int, announce: Callable[[str], None]) -> None:
        self._total = total
        self._announce = announce
        self._done = 0
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._lock = Lock()

    def trial(self, trial: Trial) -> None:
        """Tell a trial that is no cheat, or a cheat that failed for our fault."""
        failure = trial.failure
        if not is_cheat(trial) or trial.lost:
            outcome = f"{failure.stage} failed: {failure.reason}" if failure else f"reward {trial.reward}"
            self._announce(f"{trial.task}: {trial.agent}: {outcome} ({trial.timings.total_sec():.1f} s)")

    def package(self, package: TaskPackage, result: LadderResult) -> None:
        """Tell a package whose trials are over."""
        with self._lock:
            self._done += 1
            count = f"[{self._done}/{self._total}]"
            for step, seconds in _steps(result):
                self._spent[f"{package.name}: {step}"] += seconds
        errors = sum(finding.severity == "error" for finding in result.findings)
        outcome = f"{errors} to fix" if errors else "we broke" if result.broken else "passed"
        self._announce(f"{count} {package.name}: {len(result.trials)} trials: {outcome}")

    def end(self) -> None:
        """Tell the steps that took longest, where any took long."""
        ordered = sorted(self._spent.items(), key=lambda item: (-item[1], item[0]))
        slowest = [(step, spent) for step, spent in ordered[:SLOWEST] if spent >= _WORTH_NAMING_SEC]
        if slowest:
            self._announce("slowest: " + "; ".join(f"{step} {spent:.1f} s" for step, spent in slowest))


def kept_line(names: Sequence[str], total: int) -> str:
    """Say which packages are not tried again."""
    more = len(names) - MAX_NAMED
    named = ", ".join(names[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
    return (
        f"(kept) nothing changed in {len(names)} of {total} packages, so their trials are those of last time: {named}"
    )


def is_cheat(trial: Trial) -> bool:
    """Say whether a trial is one of the probes."""
    return trial.agent.startswith("probe:")


def _steps(result: LadderResult) -> Iterator[tuple[str, float]]:
    yield from (("build", peak.used) for peak in result.peaks if peak.resource == "build time")
    for trial in result.trials:
        yield ("cheats (sum)" if is_cheat(trial) else trial.agent), trial.timings.total_sec()
