"""Build the agents' board from the cells of every attempt and the references."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from posttrain_arena.core.agents_board.aggregate import Aggregate, aggregate, weighted
from posttrain_arena.core.agents_board.unflagged import Left, without_flagged
from posttrain_arena.core.agents_board.weights import Scores, mean_of, weights
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_board import (
    AgentRow,
    AgentsBoard,
    AgentsCell,
    BenchmarkMean,
    BenchmarkWeight,
    CellGroup,
    ReferenceCell,
    ReferenceRow,
    Unflagged,
    UnflaggedMean,
)
from posttrain_arena.model.agents_cells import Cell
from posttrain_arena.model.agents_references import AgentsReferences, ReferenceKind, ReferenceScore
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import said_digest

Place = tuple[str, str]
"""Base model, benchmark."""

Attempt = Mapping[Place, AgentsCell]
KINDS: tuple[ReferenceKind, ...] = ("instruct", "few-shot", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent and the cells of each of its attempts."""

    name: str
    entry: str
    attempts: Sequence[Attempt]


class Standard:
    """What every agent is measured by: base models, benchmarks, their weights, the base scores."""

    def __init__(self, references: AgentsReferences, weighed: Mapping[str, float] | None = None) -> None:
        """Read the references; raises UsageError where they do not give every weight, or say something twice.

        With weights that are ``weighed`` elsewhere an instruct model may lack a score.
        """
        self.references = references
        self.by_place: dict[ReferenceKind, dict[Place, ReferenceScore]] = {kind: {} for kind in KINDS}
        for score in references.scores:
            place = score.base_model, score.benchmark
            if place in self.by_place[score.kind]:
                raise UsageError(f"two {score.kind} scores for {place[0]} on {place[1]}: keep one")
            self.by_place[score.kind][place] = score
        for kind in KINDS:
            if alone := sorted(set(self.by_place[kind]) - set(self.by_place["base"])):
                raise UsageError(f"a {kind} score for {alone[0][0]} on {alone[0][1]}, and no base score: add it")
        if not self.by_place["base"]:
            raise UsageError("references without a score: add those of the base and of the instruct models")
        places = list(self.by_place["base"])
        self.models = tuple(dict.fromkeys(model for model, _ in places))
        self.benchmarks = tuple(dict.fromkeys(name for _, name in places))
        self.base = self._table("base")
        self.instruct = self._table("instruct")
        self.weights = dict(weighed or weights(self.base, self.instruct, self.benchmarks))

    def _table(self, kind: ReferenceKind) -> Scores:
        scores = self.by_place[kind]
        return {
            model: {name: scores[model, name].score for name in self.benchmarks if (model, name) in scores}
            for model in self.models
        }

    def cell(self, place: Place, found: AgentsCell | None, attempt: int) -> AgentsCell:
        """Return what counts in a cell, with what is missing filled in."""
        used = self.by_place["base"][place].score
        return found or AgentsCell(run=None, attempt=attempt, raw=None, used=used, reason="no-run")

    def error(self, place: Place, cell: AgentsCell) -> float | None:
        """Return the standard error, over items, of the number that counts."""
        return self.by_place["base"][place].standard_error if cell.reason else cell.standard_error


def build_board(
    agents: Sequence[Agent],
    references: AgentsReferences,
    changes: Sequence[Change] = (),
    *,
    weighed: Mapping[str, float] | None = None,
) -> AgentsBoard:
    """Return the board; the order of ``agents`` does not matter, and no clock is read."""
    standard = Standard(references, weighed)
    rows = sorted((_row(agent, standard) for agent in agents), key=lambda row: (-row.average, row.agent, row.entry))
    board = AgentsBoard(
        digest="",
        budget_sec=references.budget_sec,
        base_digests=dict(references.base_models),
        splits=dict(references.splits),
        base_models=standard.models,
        benchmarks=tuple(
            BenchmarkWeight(
                name=name,
                weight=weight,
                base=mean_of(standard.base, name, what="base"),
                instruct=fmean(row[name] for row in standard.instruct.values() if name in row),
            )
            for name, weight in standard.weights.items()
        ),
        agents=tuple(rows),
        references=tuple(_reference(kind, standard) for kind in KINDS if standard.by_place[kind]),
        changes=tuple(sorted(changes, key=lambda change: change.date)[::-1]),
    )
    return replace(board, digest=said_digest(board))


def _row(agent: Agent, standard: Standard) -> AgentRow:
    places = [(model, name) for model in standard.models for name in standard.benchmarks]
    for attempt in agent.attempts:
        if unknown := sorted(set(attempt) - set(places)):
            raise UsageError(
                f"{agent.name}: {unknown[0][0]} on {unknown[0][1]}: add its base and instruct scores to the references"
            )
    grids = [
        {place: standard.cell(place, attempt.get(place), number) for place in places}
        for number, attempt in enumerate(agent.attempts, start=1)
    ]
    plain = [_grid(grid, standard) for grid in grids]
    found = aggregate(plain, standard.weights)
    cells = [cell for grid in grids for cell in grid.values()]
    return AgentRow(
        agent=agent.name,
        entry=agent.entry,
        average=found.average.mean,
        sd=found.average.sd,
        standard_error=found.average.se,
        item_error=_item_error(grids, standard),
        n=found.average.n,
        scores=found.scores,
        unflagged=_unflagged(without_flagged(plain, standard.weights), standard.benchmarks),
        fallbacks=sum(cell.reason is not None for cell in cells),
        flagged=sum(cell.reason == "audit-flagged" for cell in cells),
        wall_sec=_total(cell.wall_sec for cell in cells if cell.run),
        cost_usd=_total(cell.cost_usd for cell in cells if cell.run),
        benchmarks=_means(found),
        cells=tuple(_group(place, [grid[place] for grid in grids], found) for place in places),
    )


def _unflagged(left: Left | None, benchmarks: Sequence[str]) -> Unflagged | None:
    if left is None:
        return None
    means = [(name, *left.benchmarks.get(name, (None, 0))) for name in benchmarks]
    return Unflagged(
        average=left.average.mean,
        sd=left.average.sd,
        standard_error=left.average.se,
        n=left.average.n,
        benchmarks=tuple(UnflaggedMean(benchmark=name, mean=mean, cells=cells) for name, mean, cells in means),
    )


def _grid(grid: Attempt, standard: Standard) -> dict[str, dict[str, Cell]]:
    return {
        model: {
            name: Cell(raw=grid[model, name].raw, used=grid[model, name].used, reason=grid[model, name].reason)
            for name in standard.benchmarks
        }
        for model in standard.models
    }


def _group(place: Place, cells: Sequence[AgentsCell], found: Aggregate) -> CellGroup:
    spread = found.cells[place[0]][place[1]]
    return CellGroup(
        base_model=place[0], benchmark=place[1], mean=spread.mean, sd=spread.sd, n=spread.n, attempts=tuple(cells)
    )


def _means(found: Aggregate) -> tuple[BenchmarkMean, ...]:
    return tuple(
        BenchmarkMean(benchmark=name, mean=mean, sd=found.benchmark_sd[name])
        for name, mean in found.benchmark_mean.items()
    )


def _item_error(grids: Sequence[Attempt], standard: Standard) -> float | None:
    """Return the standard error of the average that comes from the items alone, None where one cell's is not known."""
    total = 0.0
    for grid in grids:
        for place, cell in grid.items():
            error = standard.error(place, cell)
            if error is None:
                return None
            total += (standard.weights[place[1]] / len(standard.models) * error) ** 2
    return math.sqrt(total) / len(grids)


def _total(values: Iterable[float | None]) -> float | None:
    """Return the sum of what is known, None where nothing is."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def _reference(kind: ReferenceKind, standard: Standard) -> ReferenceRow:
    scores = standard.by_place[kind]
    known = {**standard.by_place["base"], **scores} if kind == "few-shot" else scores
    counted = {
        model: {name: known[model, name].score for name in standard.benchmarks if (model, name) in known}
        for model in standard.models
    }
    return ReferenceRow(
        kind=kind,
        average=weighted(counted, standard.weights),
        benchmarks=tuple(
            BenchmarkMean(benchmark=name, mean=fmean(row[name] for row in counted.values() if name in row), sd=None)
            for name in standard.benchmarks
        ),
        cells=tuple(_reference_cell(scores.get((m, b)), (m, b)) for m in standard.models for b in standard.benchmarks),
    )


def _reference_cell(score: ReferenceScore | None, place: Place) -> ReferenceCell:
    if score is None:
        return ReferenceCell(model="", base_model=place[0], benchmark=place[1], score=None)
    return ReferenceCell(
        model=score.model,
        base_model=place[0],
        benchmark=place[1],
        score=score.score,
        standard_error=score.standard_error,
        items=score.items,
    )
