"""Compute what follows from the grids of a published version: final grids, averages, spreads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from posttrain_arena.core.agents_board.aggregate import Aggregate, Grid, aggregate, full_grid, mean_sd, weighted
from posttrain_arena.core.agents_board.published_fallbacks import Place
from posttrain_arena.core.agents_board.published_grids import judged, read_grid
from posttrain_arena.core.agents_board.published_references import References
from posttrain_arena.core.agents_board.published_tables import score_of
from posttrain_arena.core.agents_board.published_version.folder import Folder, read_baselines
from posttrain_arena.core.agents_board.published_version.listed import Listed, fallbacks_of, read_listed
from posttrain_arena.core.agents_board.published_weights import Weighing, read_weights, weigh
from posttrain_arena.core.agents_board.weights import Scores
from posttrain_arena.model.agents_cells import Fallback
from posttrain_arena.model.agents_references import ReferenceKind

RUN = re.compile(r"(?P<agent>.+)_(?:run|seed)\d+")
"""Methods that differ in this alone are runs of one agent, where nothing else says whose they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """``raw`` has the grids of methods as they are, ``final`` what counts in them; ``means`` are grids over runs.

    ``runs`` has the methods that are an agent's runs, ``listed`` the published cells that fall back, ``given`` says
    that the weights are of another rule.
    """

    folder: Folder
    references: References
    weighing: Weighing
    given: bool
    listed: Mapping[str, Mapping[Place, Listed]]
    raw: Mapping[str, Grid]
    final: Mapping[str, Grid]
    means: Mapping[str, Grid]
    deviations: Mapping[str, Scores]
    runs: Mapping[str, tuple[str, ...]]

    def places(self) -> Iterator[Place]:
        """Return every base model with every benchmark."""
        return ((model, name) for model in self.references.base for name in self.references.benchmarks)

    def agents(self) -> dict[str, Aggregate]:
        """Return what every agent comes to: of its runs, or of the grid of its means where these are not there."""
        found = {name: self.of_runs(methods) for name, methods in self.runs.items()}
        weights = self.weighing.weights
        return found | {
            name: aggregate([grid], weights) for name, grid in self.means.items() if len(self.runs.get(name, ())) < 2
        }

    def of_runs(self, methods: Sequence[str]) -> Aggregate:
        """Return what runs come to."""
        return aggregate([self.final[method] for method in methods], self.weighing.weights)

    def plus_minus(self, agent: str) -> dict[str, float | None]:
        """Return by benchmark the plain mean over base models of the SDs of an agent's cells."""
        if len(methods := self.runs.get(agent, ())) > 1:
            return dict(self.of_runs(methods).benchmark_sd)
        rows = self.deviations.get(agent, {}).values()
        return {name: mean_sd(row.get(name) for row in rows) for name in self.references.benchmarks}

    def reference(self, kind: ReferenceKind, weights: Mapping[str, float] | None = None) -> float:
        """Return the average of a reference; a few-shot score that is missing counts as the zero-shot one."""
        return weighted(self.scores(kind), weights or self.weighing.weights)

    def scores(self, kind: ReferenceKind) -> Scores:
        """Return the scores of a reference by model and benchmark."""
        found = self.references
        if kind == "few-shot":
            return {model: {**row, **found.few_shot.get(model, {})} for model, row in found.base.items()}
        return found.base if kind == "base" else found.instruct


def compute(folder: Folder, given: str | None, runs: Mapping[str, tuple[str, ...]], *, where: str = "") -> Version:
    """Return a version; ``given`` are weights of another rule, ``runs`` the methods of agents so far as they are known.

    Raises UsageError for what cannot be a grid, a baseline or a weight, with its place.
    """
    found, listed = read_baselines(folder), read_listed(folder)
    weighing = weigh(found) if given is None else read_weights(given, found.benchmarks, where=where)
    raw, final, means = (_grids(folder, files, found) for files in (folder.raw, folder.final, folder.means))
    if listed:
        flags = {name: fallbacks_of(listed.get(name, {}), grid, found.base) for name, grid in raw.items()}
    else:
        flags = {name: judged(grid, final.get(name, {})) for name, grid in raw.items()}
    counted = final | _grids(folder, folder.raw, found, flags)
    return Version(
        folder=folder,
        references=found,
        weighing=weighing,
        given=given is not None,
        listed=listed,
        raw=raw,
        final=_full(counted, found),
        means=_full(means, found),
        deviations={name: _deviations(folder, file) for name, file in folder.deviations.items()},
        runs=_runs(runs, counted),
    )


def _grids(
    folder: Folder,
    files: Mapping[str, str],
    found: References,
    flags: Mapping[str, Mapping[Place, Fallback]] | None = None,
) -> dict[str, Grid]:
    """Return grids by agent or method, with the cells that are there."""
    return {
        name: read_grid(
            folder.texts[file], found.base, fallbacks=(flags or {}).get(name, {}), where=f"{folder.name}/{file}"
        )
        for name, file in files.items()
    }


def _full(grids: Mapping[str, Grid], found: References) -> dict[str, Grid]:
    return {name: full_grid(grid, found.base, found.benchmarks) for name, grid in grids.items()}


def _deviations(folder: Folder, file: str) -> Scores:
    """Return the SDs of a grid; a cell without one is left out."""
    table = folder.table(file)
    said = {
        line.cells["model"]: {
            name: score_of(line.cells[name], where=f"{line.where}: {name}").number
            for name in table.columns
            if name != "model"
        }
        for line in table.lines
    }
    return {model: {name: sd for name, sd in row.items() if sd is not None} for model, row in said.items()}


def _runs(known: Mapping[str, tuple[str, ...]], methods: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return agent → methods: those that are known, then those whose names differ in their number alone."""
    taken = {method for group in known.values() for method in group}
    groups: dict[str, list[str]] = defaultdict(list)
    for method in sorted(set(methods) - taken):
        match = RUN.fullmatch(method)
        groups[match["agent"] if match else method].append(method)
    return dict(known) | {agent if len(group) > 1 else group[0]: tuple(group) for agent, group in groups.items()}
