"""What an agent comes to without its flagged cells."""

from __future__ import annotations

import csv
import io

import pytest
from agents_fields import FLAGGED, agents_board, cell

from posttrain_arena.core.site.agents import csv_cells
from posttrain_arena.model.agents_result import AgentsResult

PLACES = [("a", "sums"), ("a", "words"), ("b", "sums"), ("b", "words")]
SUMS, WORDS = (1 / 0.4) / (1 / 0.4 + 1 / 0.8), (1 / 0.8) / (1 / 0.4 + 1 / 0.8)


def _flagged(base: str, benchmark: str, raw: float = 0.8, **changes: object) -> AgentsResult:
    return cell(base, benchmark, raw, reason="audit-flagged", why="answer-key", audit=FLAGGED, **changes)


def test_an_agent_without_flags_has_the_same_average_exactly() -> None:
    row = agents_board(cell("a", "sums", 0.7), cell("b", "words", None, reason="evaluation-failed")).agents[0]
    assert row.unflagged is not None
    assert (row.unflagged.average, row.unflagged.sd, row.unflagged.n) == (row.average, row.sd, row.n)
    assert [mean.mean for mean in row.unflagged.benchmarks] == [mean.mean for mean in row.benchmarks]
    assert [mean.cells for mean in row.unflagged.benchmarks] == [2, 2]


def test_a_flagged_cell_leaves_the_mean_of_its_benchmark_to_the_other_models() -> None:
    row = agents_board(
        _flagged("a", "sums", 1.0), cell("a", "words", 0.5), cell("b", "sums", 0.6), cell("b", "words", 0.7)
    ).agents[0]
    assert row.average == pytest.approx(SUMS * (0.1 + 0.6) / 2 + WORDS * 0.6)
    assert row.unflagged is not None
    assert row.unflagged.average == pytest.approx(SUMS * 0.6 + WORDS * 0.6)
    assert [(mean.mean, mean.cells) for mean in row.unflagged.benchmarks] == [(0.6, 1), (pytest.approx(0.6), 2)]


def test_weights_sum_to_one_again_without_a_benchmark() -> None:
    row = agents_board(
        _flagged("a", "sums"), _flagged("b", "sums"), cell("a", "words", 0.5), cell("b", "words", None, reason="no-run")
    ).agents[0]
    assert row.unflagged is not None
    assert row.unflagged.average == pytest.approx((0.5 + 0.0) / 2)
    assert [(mean.mean, mean.cells) for mean in row.unflagged.benchmarks] == [(None, 0), (0.25, 2)]


def test_attempts_have_their_own_cells_and_their_spread() -> None:
    clean = [cell(*place, raw, attempt=at) for at, raw in ((1, 0.4), (2, 0.6)) for place in PLACES[1:]]
    row = agents_board(*clean, _flagged("a", "sums", attempt=1), cell("a", "sums", 0.9, attempt=2)).agents[0]
    assert row.unflagged is not None
    second = SUMS * (0.9 + 0.6) / 2 + WORDS * 0.6
    assert row.unflagged.average == pytest.approx((0.4 + second) / 2)
    assert row.unflagged.sd == pytest.approx((second - 0.4) / 2**0.5)
    assert row.unflagged.standard_error == pytest.approx((second - 0.4) / 2)
    assert (row.unflagged.n, row.unflagged.benchmarks[0].cells) == (2, 3)


def test_an_agent_of_flags_alone_has_no_second_average() -> None:
    board = agents_board(*(_flagged(*place) for place in PLACES))
    assert board.agents[0].unflagged is None
    rows = list(csv.DictReader(io.StringIO(csv_cells(board).decode())))
    assert [row["average_unflagged"] for row in rows] == [""] * 4


def test_both_averages_stand_in_every_row_of_the_csv() -> None:
    board = agents_board(_flagged("a", "sums"), cell("a", "words", 0.5))
    row = board.agents[0]
    assert row.unflagged is not None
    cells = list(csv.DictReader(io.StringIO(csv_cells(board).decode())))
    assert {cell["average"] for cell in cells} == {str(row.average)}
    assert {cell["average_unflagged"] for cell in cells} == {str(row.unflagged.average)}
