"""Hold the numbers that the published site shows against what follows from the grids."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from posttrain_arena.core.agents_board.aggregate import mean_sd
from posttrain_arena.core.agents_board.published_references import instruct_of
from posttrain_arena.core.agents_board.published_version.averages import NO_RUNS
from posttrain_arena.core.agents_board.published_version.checks import (
    Check,
    Finding,
    Uncompared,
    half_unit,
    rounding,
)
from posttrain_arena.core.agents_board.published_version.folder import SITE
from posttrain_arena.core.agents_board.published_version.times import of_agents, of_methods
from posttrain_arena.core.agents_board.published_version.version import Version
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.errors import UsageError

REFERENCES = {"base-model": "base", "base-model-fewshot": "few-shot", "human": "instruct"}
TIMED_AS = {"human": "baseline"}
"""The site's name of a row → that in the table of times, where it is another."""
PERCENT = half_unit(4)
"""The site has percent with two decimals."""
HOURS = half_unit(3)

Names = Mapping[str, str]
"""The site's name of an agent → ours."""


def site(version: Version) -> Iterator[Finding]:
    """Compare weights, cells, averages, SDs and times of ``site_scores.json``."""
    text = version.folder.texts.get(SITE)
    if text is None:
        yield Uncompared(what="numbers of the site", why=f"no {SITE}")
        return
    try:
        shown = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{version.folder.name}/{SITE}:{error.lineno}: no JSON: {error.msg}") from error
    parts = {name: value for name, value in shown.items() if isinstance(value, dict)} if isinstance(shown, dict) else {}
    own = _own(version)
    grids = parts.get("modelBenchmarkData", {})
    keys = [key for name, part in parts.items() if name != "benchmarkWeights" for key in part]
    names = _names({key: _values(grids.get(key)) for key in keys}, own)
    yield from _weights(version, parts.get("benchmarkWeights", {}))
    for key, rows in grids.items():
        if key not in names:
            yield Uncompared(what=f"the site's {key}", why="no grid has its name, or half of its cells")
            continue
        yield from _cells("cells of the site", key, _values(rows), own[names[key]])
    yield from _averages(version, parts.get("aggregatedScores", {}), names)
    yield from _spreads(version, parts.get("stdData", {}), names)
    yield from _times(version, parts.get("timeData", {}), names)


def _own(version: Version) -> dict[str, Scores]:
    """Return every grid and reference by its name, each by base model."""
    grids: dict[str, Scores] = {
        name: {model: {b: cell.used for b, cell in row.items()} for model, row in grid.items()}
        for name, grid in version.final.items()
    }
    agents: dict[str, Scores] = {
        name: {model: {b: cell.mean for b, cell in row.items()} for model, row in found.cells.items()}
        for name, found in version.agents().items()
    }
    instruct = version.scores("instruct")
    pairs = {base: instruct[name] for base, name in instruct_of(version.references).items()}
    references = {"base": version.scores("base"), "few-shot": version.scores("few-shot"), "instruct": pairs}
    return grids | agents | references


def _names(shown: Mapping[str, Scores], own: Mapping[str, Scores]) -> dict[str, str]:
    """Return the site's names → ours: the same but for its marks, else that of the grid with the most of its cells.

    The site names agents in its own way; a grid with less than half of the cells is none of them.
    """
    plain = {_plain(name): name for name in own}
    found = {key: REFERENCES.get(key) or plain.get(_plain(key)) for key in shown}
    taken = set(found.values())
    for key, rows in shown.items():
        if found[key] is None and any(rows.values()):
            alike = {name: _alike(rows, grid) for name, grid in own.items() if name not in taken}
            best = max(alike, key=lambda name: alike[name], default=None)
            if best is not None and alike[best] * 2 >= sum(map(len, rows.values())):
                found[key] = best
    return {key: name for key, name in found.items() if name is not None}


def _alike(rows: Scores, grid: Scores) -> int:
    """Return how many of the site's cells a grid has."""
    return sum(
        abs(grid[model][name] - value) <= PERCENT
        for model, row in rows.items()
        for name, value in row.items()
        if name in grid.get(model, {})
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower())


def _values(rows: Any) -> dict[str, dict[str, float]]:
    """Return model → benchmark → fraction of a part in percent, whose cells are numbers or have a ``value``."""
    found: dict[str, dict[str, float]] = {}
    for model, row in rows.items() if isinstance(rows, dict) else ():
        cells = row.items() if isinstance(row, dict) else ()
        numbers = {name: cell.get("value") if isinstance(cell, dict) else cell for name, cell in cells}
        found[model] = {name: value / 100 for name, value in numbers.items() if isinstance(value, int | float)}
    return found


def _cells(kind: str, key: str, shown: Scores, own: Scores) -> Iterator[Finding]:
    for model, row in shown.items():
        for name, value in row.items():
            where = f"{key}: {model} on {name}"
            if name in own.get(model, {}):
                yield Check(kind=kind, where=where, ours=own[model][name], published=value, within=PERCENT)
            else:
                yield Uncompared(what=where, why="no such cell in the grids")


def _weights(version: Version, shown: Mapping[str, Any]) -> Iterator[Finding]:
    if version.given:
        return
    numbers = {name: float(value) for name, value in shown.items() if isinstance(value, int | float)}
    within = rounding(map(repr, numbers.values()))
    for name, value in numbers.items():
        ours = version.weighing.weights.get(name, 0.0)
        yield Check(kind="weights of the site", where=name, ours=ours, published=value, within=within)


def _averages(version: Version, shown: Mapping[str, Any], names: Names) -> Iterator[Finding]:
    agents = version.agents()
    for key, row in shown.items():
        found = agents.get(names.get(key, ""))
        if found is None:
            yield Uncompared(what=f"the site's average of {key}", why="no grid of it")
            continue
        ours = found.average
        for what, number, said in (
            ("averages", ours.mean, _number(row, "avg")),
            ("SDs", ours.sd, _number(row, "std")),
        ):
            if said is not None and number is not None:
                published = said / 100
                yield Check(kind=f"{what} of the site", where=key, ours=number, published=published, within=PERCENT)
            elif said is not None:
                yield Uncompared(what=f"the site's SD of {key}", why=NO_RUNS)


def _spreads(version: Version, shown: Mapping[str, Any], names: Names) -> Iterator[Finding]:
    """Compare the SDs of cells, and the ± of each benchmark, which is their plain mean over base models."""
    for key, rows in shown.items():
        agent, said = names.get(key, ""), _values(rows)
        methods = version.runs.get(agent, ())
        own: Scores = version.deviations.get(agent, {})
        if len(methods) > 1:
            cells = version.of_runs(methods).cells
            own = {
                model: {b: cell.sd for b, cell in row.items() if cell.sd is not None} for model, row in cells.items()
            }
        if not own:
            yield Uncompared(what=f"the site's SDs of {key}", why="no grid of its SDs, and no runs")
            continue
        yield from _cells("SDs of cells of the site", key, said, own)
        for name, ours in version.plus_minus(agent).items():
            published = mean_sd(row.get(name) for row in said.values())
            if ours is not None and published is not None:
                yield Check(
                    kind="± of the site", where=f"{key}: {name}", ours=ours, published=published, within=PERCENT
                )


def _times(version: Version, shown: Mapping[str, Any], names: Names) -> Iterator[Finding]:
    agents, methods = of_agents(version), of_methods(version)
    for key, row in shown.items():
        name = TIMED_AS.get(key) or names.get(key, "")
        mean, sd = agents.get(name, (methods.get(name), None))
        if mean is None:
            yield Uncompared(what=f"the site's time of {key}", why="no time of it")
            continue
        for what, ours, said in (("", mean, _number(row, "hours")), (" (SD)", sd, _number(row, "stdHours"))):
            if ours is not None and said is not None:
                where = f"{key}{what}"
                yield Check(kind="hours of the site", where=where, ours=ours / 3600, published=said, within=HOURS)


def _number(row: Any, name: str) -> float | None:
    value = row.get(name) if isinstance(row, dict) else None
    return float(value) if isinstance(value, int | float) else None
