"""``arena leaderboard verify`` recomputes the agents' board: each score from its items, and the board from the runs."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agents_fields import DIGEST, FLAGGED, REFERENCES, cell

from posttrain_arena.cli.main import main
from posttrain_arena.model.documents import write_document

Doc = dict[str, Any]


@pytest.fixture
def leaderboard(tmp_path: Path) -> Path:
    """Two published runs of an agent, and their board."""
    home = tmp_path / "agents"
    write_document(home / "references.json", REFERENCES)
    for result in (cell("a", "sums"), cell("b", "sums", reason="audit-flagged", why="answer-key", audit=FLAGGED)):
        write_document(home / "runs" / f"{result.id}.json", result)
    assert main(["leaderboard", "build", "--leaderboard", str(tmp_path)]) == 0
    return tmp_path


def verified(leaderboard: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["leaderboard", "verify", "--leaderboard", str(leaderboard)])
    told = capsys.readouterr()
    return code, told.out + told.err


def edited(path: Path, change: Callable[[Doc], None]) -> None:
    doc = json.loads(path.read_text(encoding="utf-8"))
    change(doc)
    path.write_text(json.dumps(doc, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def test_an_untouched_board_is_verified(leaderboard: Path, capsys) -> None:
    code, told = verified(leaderboard, capsys)
    assert (code, "verified 2 run(s) of agents" in told) == (0, True)


CHANGES: dict[str, tuple[Callable[[Doc], None], str]] = {
    "a better score": (lambda doc: doc.update(raw=0.9), "raw: the file says 0.9, recomputing gives 0.8"),
    "a smaller error": (lambda doc: doc.update(standard_error=0.0), "standard_error: the file says 0.0"),
    "another item": (lambda doc: doc["scores"].__setitem__(99, 1.0), "raw: the file says 0.8, recomputing gives 0.81"),
    "no items": (lambda doc: doc.update(scores=[]), "recomputing gives None"),
    "a score of two": (lambda doc: doc["scores"].__setitem__(0, 2.0), "scores"),
    "another name": (lambda doc: doc.update(id="run-a-words-1"), "a run is named <run-id>.json"),
    "an id without a digest": (lambda doc: doc.update(id="run-a-sums-1"), "ends in the first digits"),
    "an escape sequence": (lambda doc: doc.update(why="\u001b[2J"), "control character U+001B"),
    "a flag that is passed over": (lambda doc: doc["audit"].update(verdict="flagged"), "with 0 pieces of evidence"),
    "evidence of nothing": (lambda doc: doc["audit"].update(found=7), "says not-flagged, with 7 pieces"),
    "a reason of nothing": (lambda doc: doc.update(reason="audit-flagged"), "give None"),
    "a why of nothing": (lambda doc: doc.update(why="clean"), "why: says 'clean'"),
    "no sources": (lambda doc: doc.update(sources={}), "the digest of run, evaluation, audit is missing"),
    "no audit": (lambda doc: doc["sources"].pop("audit"), "the digest of audit is missing"),
    "another source": (lambda doc: doc["sources"].update(other=DIGEST), "'other' is not one of"),
    "another audit": (lambda doc: doc["sources"].update(audit=DIGEST), "digest: the file says"),
    "another run": (lambda doc: doc["sources"].update(run=DIGEST), "ends in the first digits"),
    "another agent": (lambda doc: doc.update(agent="other"), "digest: the file says"),
    "another agent's code": (lambda doc: doc.update(agent_digest=DIGEST[:-1] + "c"), "digest: the file says"),
    "another entry": (lambda doc: doc.update(entry="other"), "digest: the file says"),
    "another attempt": (lambda doc: doc.update(attempt=2), "digest: the file says"),
    "another day": (lambda doc: doc.update(started="2026-11-20T10:00:00Z"), "digest: the file says"),
    "another base model": (lambda doc: doc.update(base_digest=DIGEST), "digest: the file says"),
    "another split": (lambda doc: doc["split"].update(digest=DIGEST), "digest: the file says"),
    "no split": (lambda doc: doc.update(split=None), "exactly where there is an evaluation"),
    "another chat template": (lambda doc: doc.update(chat_template="own"), "digest: the file says"),
    "less time": (lambda doc: doc.update(wall_sec=59.0), "digest: the file says"),
    "a larger budget": (lambda doc: doc.update(budget_sec=121.0), "digest: the file says"),
    "the scores of other items": (lambda doc: doc["scores"].reverse(), "digest: the file says"),
}


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_run_is_named(case: str, built: bool, leaderboard: Path, capsys) -> None:
    change, reason = CHANGES[case]
    path = leaderboard / "agents" / "runs" / f"{cell('a', 'sums').id}.json"
    edited(path, change)
    if not built:
        (leaderboard / "agents.json").unlink()
    code, told = verified(leaderboard, capsys)
    assert (code, f"{path}: " in told, reason in told) == (1, True, True), told


CLEARED: dict[str, tuple[Callable[[Doc], None], str]] = {
    "all but the evidence": (
        lambda doc: doc.update(reason=None, why="", audit={**doc["audit"], "verdict": "not-flagged"}),
        "says not-flagged, with 7 pieces",
    ),
    "the verdict and the evidence": (
        lambda doc: doc["audit"].update(verdict="not-flagged", found=0, flags=[]),
        "reason: says audit-flagged",
    ),
    "the number of pieces": (
        lambda doc: doc["audit"].update(verdict="not-flagged", found=0),
        "says 0, and 1 pieces of evidence are shown",
    ),
    "the reason": (lambda doc: doc.update(reason=None, why=""), "give audit-flagged"),
    "the words": (lambda doc: doc.update(why="nothing much"), "the audit gives 'answer-key'"),
    "the evidence": (lambda doc: doc["audit"].update(flags=[]), "0 pieces of evidence are shown"),
    "to not judged": (lambda doc: doc["audit"].update(not_judged=["answer-key"]), "of which there is evidence"),
    "the score": (
        lambda doc: doc.update(reason="model-not-submitted", raw=None, standard_error=None, scores=[], why="none"),
        "digest: the file says",
    ),
}


@pytest.mark.parametrize("case", CLEARED)
def test_a_flag_cannot_be_taken_back_in_part(case: str, leaderboard: Path, capsys) -> None:
    change, reason = CLEARED[case]
    path = leaderboard / "agents" / "runs" / f"{cell('b', 'sums').id}.json"
    edited(path, change)
    code, told = verified(leaderboard, capsys)
    assert (code, reason in told) == (1, True), told
    assert main(["leaderboard", "build", "--leaderboard", str(leaderboard)]) != 0
    assert str(path) in capsys.readouterr().err


def test_a_changed_board_is_named(leaderboard: Path, capsys) -> None:
    path = leaderboard / "agents.json"
    edited(path, lambda doc: doc["agents"][0].update(average=0.99))
    code, told = verified(leaderboard, capsys)
    assert (code, "agents/0/average: the file says 0.99" in told) == (1, True), told


def test_a_digit_too_small_to_be_recomputed_is_noticed(leaderboard: Path, capsys) -> None:
    path = leaderboard / "agents.json"
    edited(path, lambda doc: doc["agents"][0].update(average=math.nextafter(doc["agents"][0]["average"], 1)))
    code, told = verified(leaderboard, capsys)
    assert (code, f"{path}: digest: the file says" in told) == (1, True), told


def test_links_and_strange_files_among_the_runs_are_refused(leaderboard: Path, capsys) -> None:
    runs = leaderboard / "agents" / "runs"
    os.symlink("/etc/passwd", runs / "link.json")
    code, told = verified(leaderboard, capsys)
    assert (code, "only plain .json files belong here" in told) == (1, True), told
