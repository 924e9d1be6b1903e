"""A run that was measured with something else than the references stands beside nothing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from agents_fields import DIGEST, REFERENCES, agents_board, cell

from posttrain_arena.cli.main import main
from posttrain_arena.core.agents_board.board import Standard
from posttrain_arena.core.agents_board.results import agents_of
from posttrain_arena.errors import UsageError
from posttrain_arena.model.agents_references import AgentsReferences
from posttrain_arena.model.agents_result import AgentsResult
from posttrain_arena.model.change import Change
from posttrain_arena.model.documents import write_document

SPLIT = REFERENCES.splits["sums"]
OTHERS: dict[str, tuple[dict[str, object], str]] = {
    "another budget": ({"budget_sec": 36000.0}, "budget_sec: 36000.0, in the references 120.0"),
    "another base model of the same name": ({"base_digest": DIGEST}, f"digest of a: {DIGEST}, in the references"),
    "another secret": ({"split": dataclasses.replace(SPLIT, digest=DIGEST)}, f"(digest): {DIGEST}"),
    "another version": ({"split": dataclasses.replace(SPLIT, version="2")}, "(version): 2, in the references 1"),
    "another seed": ({"split": dataclasses.replace(SPLIT, seed=7)}, "(seed): 7, in the references 0"),
    "another judge": ({"split": dataclasses.replace(SPLIT, judge="m")}, "(judge): m"),
}


def _other(case: str) -> tuple[AgentsResult, str]:
    changes, message = OTHERS[case]
    return cell("a", "sums", **changes), message


@pytest.mark.parametrize("case", OTHERS)
def test_a_run_measured_with_something_else_is_refused(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, message = _other(case)
    write_document(tmp_path / "agents" / "references.json", REFERENCES)
    for one in (result, cell("b", "sums")):
        write_document(tmp_path / "agents" / "runs" / f"{one.id}.json", one)
    assert main(["leaderboard", "build", "--leaderboard", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert (result.id in told, message in told, "another leaderboard" in told) == (True, True, True), told
    assert main(["leaderboard", "verify", "--leaderboard", str(tmp_path)]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("case", OTHERS)
def test_such_a_run_may_be_withdrawn(case: str) -> None:
    result, _ = _other(case)
    gone = Change(date="2026-11-22", kind="withdrawal", reason="measured with something else", run=result.id)
    assert agents_board(result, changes=(gone,)).agents[0].cells[0].attempts[0].reason == "no-run"


@pytest.mark.parametrize(
    ("field", "what"),
    [("budget_sec", "budget_sec"), ("base_models", "digest of a"), ("splits", "split of sums")],
)
def test_references_that_do_not_say_what_they_were_measured_with_hold_no_run(field: str, what: str) -> None:
    references = dataclasses.replace(REFERENCES, **{field: getattr(AgentsReferences(scores=()), field)})
    with pytest.raises(UsageError, match=f"no {what} to hold a run against: write them"):
        agents_of([cell("a", "sums")], Standard(references), ())


def test_a_run_without_an_evaluation_has_no_split_to_compare() -> None:
    board = agents_board(cell("a", "sums", None, reason="evaluation-failed"))
    assert board.agents[0].cells[0].attempts[0].reason == "evaluation-failed"


def test_board_and_page_say_what_all_runs_have_in_common(tmp_path: Path) -> None:
    board = agents_board(cell("a", "sums", chat_template="own"), cell("b", "sums"))
    assert (board.budget_sec, board.base_digests, board.splits) == (120.0, REFERENCES.base_models, REFERENCES.splits)
    assert [group.attempts[0].chat_template for group in board.agents[0].cells[:3:2]] == ["own", "base"]
    home = tmp_path / "leaderboard" / "agents"
    write_document(home / "references.json", REFERENCES)
    for one in (cell("a", "sums", chat_template="own"), cell("b", "sums")):
        write_document(home / "runs" / f"{one.id}.json", one)
    options = ["--leaderboard", str(tmp_path / "leaderboard")]
    assert main(["leaderboard", "build", *options]) == 0
    assert main(["site", "build", *options, "--out", str(tmp_path / "site"), "--day", "2026-11-22"]) == 0
    page = (tmp_path / "site" / "agents.html").read_text(encoding="utf-8")
    assert "Budget of a run: 2 min 00 s." in page
    assert page.count("own chat template") == 2, "beside its name and in the cell"
    common = page[page.index("What all runs have in common") :]
    for digest in (*REFERENCES.base_models.values(), SPLIT.digest):
        assert digest.removeprefix("sha256:")[:12] in common
    data = json.loads((tmp_path / "site" / "api" / "v1" / "agents.json").read_text(encoding="utf-8"))
    assert data["splits"]["sums"]["digest"] == SPLIT.digest
