"""The agents' board: fallbacks with their reasons, flags with their evidence, references without a rank."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from agents_fields import FLAGGED, REFERENCES, agents_board, cell

from posttrain_arena.cli.main import main
from posttrain_arena.core.agents_board.board import Standard
from posttrain_arena.core.site.agents import csv_cells
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_board import AgentsBoard
from posttrain_arena.model.agents_references import AgentsReferences, ReferenceScore
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import read_document, write_document

DATA = Path(__file__).parent / "posttrainbench-v1.0"


def _cells(board: AgentsBoard, agent: int = 0) -> dict[tuple[str, str], float]:
    return {(group.base_model, group.benchmark): group.mean for group in board.agents[agent].cells}


def test_weights_and_average_by_hand() -> None:
    board = agents_board(cell("a", "sums"), cell("a", "words"), cell("b", "sums"), cell("b", "words"))
    sums, words = (column.weight for column in board.benchmarks)
    assert sums == pytest.approx((1 / 0.4) / (1 / 0.4 + 1 / 0.8))
    assert sums + words == pytest.approx(1)
    assert board.agents[0].average == pytest.approx(0.8)
    expected = sum((weight / 2) ** 2 * 0.8 * 0.2 / 99 for weight in (sums, words) for _ in "ab") ** 0.5
    assert board.agents[0].item_error == pytest.approx(expected)
    assert (board.agents[0].sd, board.agents[0].standard_error, board.agents[0].n) == (None, None, 1)


def test_every_fallback_keeps_raw_score_and_reason() -> None:
    board = agents_board(
        cell("a", "sums", reason="audit-flagged", why="answer-key", audit=FLAGGED),
        cell("a", "words", None, reason="evaluation-failed"),
        cell("b", "sums", None, reason="model-not-submitted"),
    )
    found = {(g.base_model, g.benchmark): g.attempts[0] for g in board.agents[0].cells}
    assert {place: (cell.raw, cell.used, cell.reason) for place, cell in found.items()} == {
        ("a", "sums"): (0.8, 0.1, "audit-flagged"),
        ("a", "words"): (None, 0.2, "evaluation-failed"),
        ("b", "sums"): (None, 0.3, "model-not-submitted"),
        ("b", "words"): (None, 0.0, "no-run"),
    }
    base = next(row for row in board.references if row.kind == "base")
    assert board.agents[0].average == pytest.approx(base.average)
    assert (board.agents[0].fallbacks, board.agents[0].flagged) == (4, 1)


def test_several_attempts_have_a_sample_sd_and_a_standard_error() -> None:
    places = [("a", "sums"), ("a", "words"), ("b", "sums"), ("b", "words")]
    board = agents_board(
        *(cell(*place, raw, attempt=number) for number, raw in enumerate((0.5, 0.7, 0.9), 1) for place in places)
    )
    row = board.agents[0]
    assert row.average == pytest.approx(0.7)
    assert row.sd == pytest.approx(0.2)
    assert row.standard_error == pytest.approx(0.2 / 3**0.5)
    assert (row.n, [column.sd for column in row.benchmarks]) == (3, pytest.approx([0.2, 0.2]))


def test_references_have_no_rank_and_few_shot_falls_back_too() -> None:
    board = agents_board()
    few_shot = next(row for row in board.references if row.kind == "few-shot")
    assert [row.kind for row in board.references] == ["instruct", "few-shot", "base"]
    assert [cell.score for cell in few_shot.cells] == [0.2, None, None, None]
    assert [mean.mean for mean in few_shot.benchmarks] == pytest.approx([0.25, 0.1])


def test_changes_flag_and_withdraw_with_their_reasons() -> None:
    run = cell("a", "sums")
    flag = Change(date="2026-11-22", kind="flag", reason="a person looked", run=run.id)
    assert agents_board(run, changes=(flag,)).agents[0].cells[0].attempts[0].why == "a person looked"
    gone = Change(date="2026-11-22", kind="withdrawal", reason="by the team", run=run.id)
    board = agents_board(run, changes=(gone,))
    assert board.agents[0].cells[0].attempts[0].reason == "no-run"
    assert board.changes[0].reason == "by the team"


def test_a_change_of_a_run_that_is_not_there_is_refused() -> None:
    gone = Change(date="2026-11-22", kind="withdrawal", reason="by the team", run="run-c")
    with pytest.raises(UsageError, match="'run-c', which is no run"):
        agents_board(cell("a", "sums"), changes=(gone,))


def test_two_runs_in_one_cell_are_refused() -> None:
    with pytest.raises(UsageError, match="already"):
        agents_board(cell("a", "sums"), cell("a", "sums", id="other"))


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (ReferenceScore(kind="base", model="a", base_model="a", benchmark="sums", score=0.1), "keep one"),
        (ReferenceScore(kind="base", model="c", base_model="c", benchmark="sums", score=0.1), "is missing"),
        (ReferenceScore(kind="instruct", model="c", base_model="c", benchmark="sums", score=0.1), "no base score"),
        (ReferenceScore(kind="few-shot", model="a", base_model="a", benchmark="code", score=0.1), "a on code"),
    ],
)
def test_references_that_give_no_weights_are_refused(score: ReferenceScore, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Standard(AgentsReferences(scores=(*REFERENCES.scores, score)))


def test_site_shows_reasons_evidence_and_references_in_every_view(tmp_path: Path) -> None:
    home = tmp_path / "leaderboard" / "agents"
    write_document(home / "references.json", REFERENCES)
    for result in (cell("a", "sums", reason="audit-flagged", why="answer-key", audit=FLAGGED), cell("b", "sums")):
        write_document(home / "runs" / f"{result.id}.json", result)
    options = ["--leaderboard", str(tmp_path / "leaderboard")]
    assert main(["leaderboard", "build", *options]) == 0
    board = read_document(tmp_path / "leaderboard" / "agents.json", AgentsBoard)
    assert main(["site", "build", *options, "--out", str(tmp_path / "site"), "--day", "2026-11-22"]) == 0
    page = (tmp_path / "site" / "agents.html").read_text(encoding="utf-8")
    for text in ("1 flagged", "2 no run", "flagged, raw 80.0", "SE 4.0, n&nbsp;=&nbsp;100"):
        assert text in page
    assert "&lt;b&gt;answers&lt;/b&gt;" in page
    assert "7 pieces of evidence in all" in page
    assert "1 run with 1 detector that did not judge: known-tensors; judge: not-judged" in page
    main_table, without_flagged = page.split("<details>")[0], page.split("<details>")[1].split("</details>")[0]
    for view in (main_table, without_flagged):
        assert [view.count(name) for name in ("Official instruct", "Base, few-shot", "Base, zero-shot")] == [1, 1, 1]
    assert board.agents[0].unflagged is not None
    for average in (board.agents[0].average, board.agents[0].unflagged.average):
        assert f">{100 * average:.1f}<" in main_table
        assert f">{100 * average:.1f}<" in without_flagged
    assert "1 of 2 cells" in without_flagged
    data = json.loads((tmp_path / "site" / "api" / "v1" / "agents.json").read_text(encoding="utf-8"))
    assert data["agents"][0]["average"] == board.agents[0].average
    rows = list(csv.DictReader(io.StringIO(csv_cells(board).decode())))
    assert [row["reason"] for row in rows] == ["audit-flagged", "no-run", "", "no-run"]
    assert "answer-key: workspace/=cmd.py:3" in rows[0]["evidence"]


def test_site_says_that_no_cell_is_flagged(tmp_path: Path) -> None:
    home = tmp_path / "leaderboard" / "agents"
    write_document(home / "references.json", REFERENCES)
    result = cell("a", "sums")
    write_document(home / "runs" / f"{result.id}.json", result)
    options = ["--leaderboard", str(tmp_path / "leaderboard")]
    assert main(["site", "build", *options, "--out", str(tmp_path / "site"), "--day", "2026-11-22"]) == 0
    page = (tmp_path / "site" / "agents.html").read_text(encoding="utf-8")
    assert ("No cell is flagged." in page, "<details>" in page) == (True, False)


def test_grids_of_others_are_scored_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    grids = [
        f"GPT-5.2={DATA}/aggregated_avg_GPT-5.2.csv",
        f"glm={DATA}/aggregated_opencode_opencode_glm-4.7-free_10h.csv",
    ]
    assert (
        main(["leaderboard", "grids", "--baselines", f"{DATA}/baselines_by_model.csv", *grids, "--format", "json"]) == 0
    )
    board = json.loads(capsys.readouterr().out)
    rows = {row["agent"]: row for row in board["agents"]}
    assert abs(rows["GPT-5.2"]["average"] - 0.21381034487850004) < 1e-9
    assert rows["glm"]["fallbacks"] == 24
    assert [row["kind"] for row in board["references"]] == ["instruct", "few-shot", "base"]
