"""``arena leaderboard draft`` puts a run together from the stages of one machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finished_run import FinishedRun

from posttrain_arena.cli.main import main
from posttrain_arena.model import documents
from posttrain_arena.model.leaderboard_run import LeaderboardRun


def drafted(finished: FinishedRun, out: Path, *more: str) -> int:
    folder = finished.folder
    words = ["--job", folder / "job.json", "--stages", folder, "--evaluations", folder, "--bases", finished.bases]
    return main(["leaderboard", "draft", *map(str, words), "--out", str(out), *more])


def test_a_draft_is_the_run_that_its_stages_are(finished: FinishedRun, tmp_path: Path) -> None:
    assert drafted(finished, tmp_path / "run.json") == 0
    run = documents.read_document(tmp_path / "run.json", LeaderboardRun)
    kept = finished.run
    described = {"hardware": kept.hardware, "versions": kept.versions, "entry": kept.entry}
    assert replace(run, digest=kept.digest, **described) == kept
    assert run.entry == replace(kept.entry, title="")
    assert run.versions["python"]
    assert main(["leaderboard", "add", str(tmp_path / "run.json"), "--leaderboard", str(tmp_path / "board")]) == 0


def test_attempt_and_exhibition_are_told(finished: FinishedRun, tmp_path: Path) -> None:
    assert drafted(finished, tmp_path / "run.json", "--attempt", "3", "--exhibition", "a rehearsal") == 0
    run = documents.read_document(tmp_path / "run.json", LeaderboardRun)
    assert (run.attempt, run.status, run.reason) == (3, "exhibition", "a rehearsal")
    assert run.id != finished.run.id
