"""Hold weights, baselines and final grids against the published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from posttrain_arena.core.agents_board.published_grids import read_grid
from posttrain_arena.core.agents_board.published_tables import Line, score_of
from posttrain_arena.core.agents_board.published_version.checks import Check, Finding, Uncompared, rounding
from posttrain_arena.core.agents_board.published_version.folder import (
    BASELINE,
    BASELINES,
    FACTORS,
    FEW_SHOT,
)
from posttrain_arena.core.agents_board.published_version.version import Version
from posttrain_arena.core.agents_board.published_weights import read_factors


def weights(version: Version) -> Iterator[Finding]:
    """Compare the weights that follow from the baselines with those of ``factors.json``."""
    text = version.folder.texts.get(FACTORS)
    if text is None or version.given:
        yield Uncompared(what="weights", why="given with --weights" if version.given else f"no {FACTORS}")
        return
    published = read_factors(text, where=f"{version.folder.name}/{FACTORS}")
    within = rounding(map(repr, published.values()))
    for name in dict.fromkeys([*version.weighing.weights, *published]):
        ours = version.weighing.weights.get(name, 0.0)
        yield Check(kind="weights", where=name, ours=ours, published=published.get(name, 0.0), within=within)


def baselines(version: Version) -> Iterator[Finding]:
    """Compare the baselines with those of the other file that has them."""
    folder, found = version.folder, version.references
    if BASELINES not in folder.texts:
        return
    known = {BASELINE: {**found.base, **found.instruct}, FEW_SHOT: found.few_shot}
    for file, rows in known.items():
        table = folder.lines(file, ("model",)) if rows else None
        for line in table.lines if table else ():
            yield from _baseline(line, rows.get(line.cells["model"]))


def _baseline(line: Line, row: Mapping[str, float] | None) -> Iterator[Finding]:
    """Compare the cells of a row; one that is a number on one side alone is another."""
    if row is None:
        yield Uncompared(what=f"{line.where}: {line.cells['model']}", why=f"not in {BASELINES}")
        return
    for name in dict.fromkeys([*row, *(name for name in line.cells if name not in ("model", "kind"))]):
        where = f"{line.where}: {name}"
        ours, published = row.get(name), score_of(line.cells.get(name, ""), where=where).number
        if ours is not None or published is not None:
            yield Check(
                kind="baselines",
                where=where,
                ours="no number" if ours is None else ours,
                published="no number" if published is None else published,
            )


def finals(version: Version) -> Iterator[Finding]:
    """Compare what counts in the raw grids with the published final grids."""
    folder = version.folder
    for method in version.raw:
        if method not in folder.final:
            yield Uncompared(what=f"final cells of {method}", why="no final grid")
            continue
        where = f"{folder.name}/{folder.final[method]}"
        published = read_grid(folder.texts[folder.final[method]], version.references.base, where=where)
        for model, name in version.places():
            cell = published.get(model, {}).get(name)
            place = f"{folder.final[method]}: {model} on {name}"
            if cell is None or cell.raw is None:
                yield Uncompared(what=place, why="no number in the final grid")
            else:
                used = version.final[method][model][name].used
                yield Check(kind="final cells", where=place, ours=used, published=cell.raw)
    yield from (
        Uncompared(what=f"fallbacks of {method}", why="no raw grid: its final grid counts as it is")
        for method in folder.final
        if method not in version.raw
    )
