"""Run every comparison that a published version allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from posttrain_arena.core.agents_board.published_version.averages import expected, metrics, over_runs
from posttrain_arena.core.agents_board.published_version.cells import baselines, finals, weights
from posttrain_arena.core.agents_board.published_version.checks import Check, Compared, Finding, Uncompared, summary
from posttrain_arena.core.agents_board.published_version.fallbacks import fallbacks
from posttrain_arena.core.agents_board.published_version.site import site
from posttrain_arena.core.agents_board.published_version.times import times
from posttrain_arena.core.agents_board.published_version.version import Version

COMPARISONS: tuple[Callable[[Version], Iterator[Finding]], ...] = (
    weights,
    baselines,
    finals,
    fallbacks,
    expected,
    metrics,
    over_runs,
    times,
    site,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A version, every number that was compared and everything that was not."""

    version: Version
    checks: tuple[Check, ...]
    uncompared: tuple[Uncompared, ...]

    @property
    def compared(self) -> tuple[Compared, ...]:
        """Return the comparisons by kind."""
        return summary(self.checks)

    @property
    def different(self) -> tuple[Check, ...]:
        """Return the numbers that are further off than they were rounded."""
        return tuple(check for check in self.checks if not check.holds)


def report(version: Version) -> Report:
    """Return what was compared of a version, and what was not."""
    findings = [finding for comparison in COMPARISONS for finding in comparison(version)]
    return Report(
        version=version,
        checks=tuple(finding for finding in findings if isinstance(finding, Check)),
        uncompared=tuple(finding for finding in findings if isinstance(finding, Uncompared)),
    )
