"""Hold the cells that fall back, and why, against the published list."""

from __future__ import annotations

from collections.abc import Iterator

from posttrain_arena.core.agents_board.published_fallbacks import Place, reason_of
from posttrain_arena.core.agents_board.published_grids import judged, read_grid
from posttrain_arena.core.agents_board.published_tables import score_of
from posttrain_arena.core.agents_board.published_version.checks import EXACT, Check, Finding, Uncompared
from posttrain_arena.core.agents_board.published_version.folder import FALLBACKS
from posttrain_arena.core.agents_board.published_version.listed import Listed
from posttrain_arena.core.agents_board.published_version.version import Version
from posttrain_arena.model.agents_cells import Cell, Fallback

CELLS, REASONS = "cells that fall back", "reasons of the list"


def fallbacks(version: Version) -> Iterator[Finding]:
    """Compare the cells that fall back by the grids alone with the published list; a final grid shows the flags."""
    if FALLBACKS not in version.folder.texts:
        yield Uncompared(what=CELLS, why=f"no {FALLBACKS}; a flag is a number that is another in the final grid")
        return
    for method, cells in version.listed.items():
        if method not in version.raw:
            yield Uncompared(what=f"{len(cells)} {CELLS} of {method}", why="no raw grid")
    for method in version.raw:
        own = _own(version, method)
        for place in dict.fromkeys([*own, *version.listed.get(method, {})]):
            yield from _place(version, method, place, own.get(place))


def _place(version: Version, method: str, place: Place, own: Fallback | None) -> Iterator[Finding]:
    """Compare one cell, which falls back by the grids for its ``own`` reason, or does not."""
    model, name = place
    where, cell = f"{method}: {model} on {name}", version.raw[method].get(model, {}).get(name)
    if name not in version.references.base.get(model, {}):
        yield Uncompared(what=f"{where} in the list", why="no such cell among the baselines")
        return
    said, base = version.listed.get(method, {}).get(place), version.references.base[model][name]
    if own is not None:
        yield _both(where, cell, own, said)
    elif said is not None:
        yield _unseen(where, cell, base, said, final=method in version.folder.final)
    if said is not None:
        yield from _cells(cell, base, said)


def _own(version: Version, method: str) -> dict[Place, Fallback]:
    """Return the cells that fall back by the grids of a method, without the list."""
    raw, file = version.raw[method], version.folder.final.get(method)
    final = read_grid(version.folder.texts[file], version.references.base, where=file) if file else {}
    found = {(model, name): cell.reason for model, row in raw.items() for name, cell in row.items() if cell.reason}
    return found | judged(raw, final)


def _unseen(where: str, cell: Cell | None, base: float, said: Listed, *, final: bool) -> Finding:
    """Return what there is to say of a listed cell that does not fall back by the grids."""
    if cell is None:
        return _both(where, cell, "no-run", said)
    if cell.raw is not None and abs(cell.raw - base) <= EXACT:
        return Uncompared(what=where, why="its number is the base score: no grid shows the flag")
    if not final:
        return Uncompared(what=where, why="no final grid that would show the flag")
    return Check(kind=CELLS, where=where, ours="counts as it is", published=said.reason)


def _both(where: str, cell: Cell | None, reason: Fallback, said: Listed | None) -> Finding:
    if said is None:
        return Check(kind=CELLS, where=where, ours=(cell.why if cell else "") or reason, published="not listed")
    published, why = reason_of(said.reason), cell.why if cell else ""
    if published is None:
        if why and why.lower() in said.reason.lower():
            return Check(kind=REASONS, where=where, ours=why, published=why)
        return Uncompared(what=f"{where}: {said.reason}", why="a reason that is not known here")
    if published != reason and (why or reason == "no-run"):
        told = (
            f"the list alone says what {why!r} means" if why else "the grid says no more than that there is no number"
        )
        return Uncompared(what=f"{where}: {said.reason}", why=told)
    return Check(kind=REASONS, where=where, ours=reason, published=published)


def _cells(cell: Cell | None, base: float, said: Listed) -> Iterator[Finding]:
    """Compare the raw and the final cell that stand in the list."""
    if said.raw is not None and cell is not None:
        raw = score_of(said.raw, where=f"{said.where}: raw_cell")
        ours: float | str = cell.raw if cell.raw is not None else cell.why or cell.reason or ""
        published: float | str = raw.number if raw.number is not None else raw.why or raw.reason or ""
        yield Check(kind="raw cells of the list", where=said.where, ours=ours, published=published)
    if said.final is not None:
        last = score_of(said.final, where=f"{said.where}: final_cell").number
        if last is not None:
            yield Check(kind="final cells of the list", where=said.where, ours=base, published=last)
