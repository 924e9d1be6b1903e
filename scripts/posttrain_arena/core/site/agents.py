"""What the page of the agents' board shows: every number with the reason where it is not the agent's own."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from posttrain_arena.core.site.data import plain
from posttrain_arena.model.agents_board import AgentRow, AgentsBoard, AgentsCell, BenchmarkMean, CellGroup
from posttrain_arena.model.agents_result import ResultAudit

REASONS = {
    "model-not-submitted": "no model",
    "evaluation-failed": "evaluation failed",
    "audit-flagged": "flagged",
    "no-run": "no run",
}
"""Fallback → its words on the page."""

REFERENCES = {"instruct": "Official instruct", "few-shot": "Base, few-shot", "base": "Base, zero-shot"}

COLUMNS = (
    *("agent", "entry", "base_model", "benchmark", "attempt", "run", "raw", "used", "reason", "why"),
    *("standard_error", "items", "verdict", "not_judged", "evidence", "judge", "exit", "wall_sec", "cost_usd"),
    *("budget_sec", "chat_template"),
    *("average", "average_unflagged"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One benchmark of one agent: its mean, and how many of its cells fall back, by reason."""

    mean: BenchmarkMean
    reasons: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """One agent: its columns, its cells by base model, and its runs that have something to tell.

    ``own_template`` says whether a model of it answered with a chat template of its own.
    ``unjudged`` has how many runs the same detectors did not judge, those detectors, and what a judge said.
    """

    row: AgentRow
    own_template: bool
    columns: tuple[Column, ...]
    reasons: tuple[tuple[int, str], ...]
    grid: tuple[tuple[str, tuple[CellGroup, ...]], ...]
    told: tuple[tuple[CellGroup, AgentsCell], ...]
    unjudged: tuple[tuple[int, tuple[str, ...], str], ...]


def agent_views(board: AgentsBoard) -> tuple[AgentView, ...]:
    """Return the agents in the board's order."""
    return tuple(_view(row, board) for row in board.agents)


def csv_cells(board: AgentsBoard) -> bytes:
    """Return every cell of every attempt as a table, with its reason and what the audit said.

    Both averages of the agent stand in each of its rows.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in board.agents:
        for group in row.cells:
            for cell in group.attempts:
                writer.writerow(plain(value) for value in _cells(board, row, group, cell))
    return file.getvalue().encode()


def _view(row: AgentRow, board: AgentsBoard) -> AgentView:
    return AgentView(
        row=row,
        own_template=any(cell.chat_template == "own" for group in row.cells for cell in group.attempts),
        columns=tuple(
            Column(mean=mean, reasons=_reasons(group for group in row.cells if group.benchmark == mean.benchmark))
            for mean in row.benchmarks
        ),
        reasons=_reasons(row.cells),
        grid=tuple(
            (model, tuple(group for group in row.cells if group.base_model == model)) for model in board.base_models
        ),
        told=tuple((group, cell) for group in row.cells for cell in group.attempts if _tells(cell)),
        unjudged=_unjudged(cell.audit for group in row.cells for cell in group.attempts),
    )


def _reasons(groups: Iterable[CellGroup]) -> tuple[tuple[int, str], ...]:
    counts = Counter(cell.reason for group in groups for cell in group.attempts if cell.reason)
    return tuple((counts[reason], words) for reason, words in REASONS.items() if counts[reason])  # type: ignore[index]


def _tells(cell: AgentsCell) -> bool:
    return cell.run is not None and (cell.reason is not None or cell.audit is None)


def _unjudged(audits: Iterable[ResultAudit | None]) -> tuple[tuple[int, tuple[str, ...], str], ...]:
    counts = Counter((audit.not_judged, audit.judge) for audit in audits if audit and audit.not_judged)
    return tuple((number, detectors, judge) for (detectors, judge), number in sorted(counts.items()))


def _cells(board: AgentsBoard, row: AgentRow, group: CellGroup, cell: AgentsCell) -> Iterator[object]:
    audit = cell.audit
    yield from (row.agent, row.entry, group.base_model, group.benchmark, cell.attempt, cell.run, cell.raw, cell.used)
    yield from (cell.reason, cell.why, cell.standard_error, cell.items)
    yield from (audit.verdict, " ".join(audit.not_judged)) if audit else (None, None)
    yield (
        "; ".join(f"{flag.detector}: {flag.where}: {flag.what} ({flag.measure})" for flag in audit.flags)
        if audit
        else None
    )
    yield audit.judge if audit else None
    yield from (cell.exit, cell.wall_sec, cell.cost_usd)
    yield from (board.budget_sec if cell.run else None, cell.chat_template if cell.run else None)
    yield from (row.average, row.unflagged.average if row.unflagged else None)
