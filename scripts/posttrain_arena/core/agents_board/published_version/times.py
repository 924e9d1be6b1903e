"""Hold the time that runs took against the published averages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import fmean, stdev

from posttrain_arena.core.agents_board.published_grids import seconds
from posttrain_arena.core.agents_board.published_tables import Line
from posttrain_arena.core.agents_board.published_version.averages import NO_RUNS
from posttrain_arena.core.agents_board.published_version.checks import Check, Finding, Uncompared, rounding
from posttrain_arena.core.agents_board.published_version.folder import OVERVIEW, TIMES
from posttrain_arena.core.agents_board.published_version.version import Version
from posttrain_arena.errors import UsageError

BUDGET_HOURS = 10
BUDGET = re.compile(r"_(\d+)h(?:_|$)")
"""The hours of a method's budget, where its name has them."""

WHOLE_SECOND = 1.0
"""Published averages over runs are cut to whole seconds."""


def clock(line: Line, column: str) -> int | None:
    """Return a time in seconds, None for a word in its place; raises UsageError for any other number."""
    text = line.cells.get(column, "")
    if not any(character.isdigit() for character in text):
        return None
    try:
        return seconds(text)
    except UsageError as error:
        raise UsageError(f"{line.where}: {column}: {error}") from error


def of_methods(version: Version) -> dict[str, int]:
    """Return method → average seconds of one run."""
    table = version.folder.lines(OVERVIEW, ("method", "average_time"))
    found = {line.cells["method"]: clock(line, "average_time") for line in table.lines} if table else {}
    return {method: time for method, time in found.items() if time is not None}


def of_agents(version: Version) -> dict[str, tuple[int, int | None]]:
    """Return agent → published average and SD in seconds."""
    table = version.folder.lines(TIMES, ("agent", "avg_time"))
    found = (
        {line.cells["agent"]: (clock(line, "avg_time"), clock(line, "std_time")) for line in table.lines}
        if table
        else {}
    )
    return {agent: (time, sd) for agent, (time, sd) in found.items() if time is not None}


def times(version: Version) -> Iterator[Finding]:
    """Compare shares of the budget with times, and times by agent with those of its runs."""
    yield from _shares(version)
    if TIMES not in version.folder.texts:
        yield Uncompared(what="times by agent", why=f"no {TIMES}")
        return
    methods = of_methods(version)
    for agent, (mean, sd) in of_agents(version).items():
        runs = [methods[method] for method in version.runs.get(agent, ()) if method in methods]
        if len(runs) < 2 or len(runs) != len(version.runs[agent]):
            yield Uncompared(what=f"time of {agent}", why=NO_RUNS)
            continue
        ours = {"": (fmean(runs), mean), " (SD)": (stdev(runs), sd)}
        for what, (own, said) in ours.items():
            if said is not None:
                where = f"{agent}{what}"
                yield Check(
                    kind="times by agent, in s", where=where, ours=own, published=float(said), within=WHOLE_SECOND
                )


def _shares(version: Version) -> Iterator[Finding]:
    table = version.folder.lines(OVERVIEW, ("method", "average_time"))
    if table is None:
        yield Uncompared(what="times by method", why=f"no {OVERVIEW}")
        return
    for line in table.lines:
        method, time, share = line.cells["method"], clock(line, "average_time"), line.cells.get("percentage", "")
        if time is None or not share.endswith("%"):
            yield Uncompared(what=f"share of the budget of {method}", why="no time, or no percentage")
            continue
        text = share.removesuffix("%").strip()
        try:
            published = float(text) / 100
        except ValueError:
            raise UsageError(f"{line.where}: percentage: {share!r}: write a number and %") from None
        hours = BUDGET.search(method)
        ours = time / 3600 / (int(hours[1]) if hours else BUDGET_HOURS)
        yield Check(
            kind="shares of the budget", where=method, ours=ours, published=published, within=rounding([text]) / 100
        )
