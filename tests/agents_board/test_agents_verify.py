"""``arena leaderboard verify`` recomputes the agents' board: each score from its items, and the board from the runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agents_fields import FLAGGED, REFERENCES, cell

from posttrain_arena.cli.main import main
from posttrain_arena.model.documents import write_document

Doc = dict[str, Any]


@pytest.fixture
def leaderboard(tmp_path: Path) -> Path:
    """Two published runs of an agent, and their board."""
    home = tmp_path / "agents"
    write_document(home / "references.json", REFERENCES)
    for result in (cell("a", "sums"), cell("b", "sums", reason="audit-flagged", audit=FLAGGED)):
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
    "a flag that is passed over": (lambda doc: doc["audit"].update(verdict="flagged"), "the audit flagged the run"),
    "another name": (lambda doc: doc.update(id="run-a-words-1"), "a run is named <run-id>.json"),
    "an escape sequence": (lambda doc: doc.update(why="\u001b[2J"), "control character U+001B"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_run_is_named(case: str, leaderboard: Path, capsys) -> None:
    change, reason = CHANGES[case]
    path = leaderboard / "agents" / "runs" / "run-a-sums-1.json"
    edited(path, change)
    code, told = verified(leaderboard, capsys)
    assert (code, f"{path}: " in told, reason in told) == (1, True, True), told


def test_a_changed_board_is_named(leaderboard: Path, capsys) -> None:
    path = leaderboard / "agents.json"
    edited(path, lambda doc: doc["agents"][0].update(average=0.99))
    code, told = verified(leaderboard, capsys)
    assert (code, "agents/0/average: the file says 0.99" in told) == (1, True), told


def test_links_and_strange_files_among_the_runs_are_refused(leaderboard: Path, capsys) -> None:
    runs = leaderboard / "agents" / "runs"
    os.symlink("/etc/passwd", runs / "link.json")
    code, told = verified(leaderboard, capsys)
    assert (code, "only plain .json files belong here" in told) == (1, True), told
