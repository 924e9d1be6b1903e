"""The loop of the track skills on real containers: two evaluations, a board, and all of it again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from small_agent import small_agent

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.cli.demo_skills import SHORT, STEPS, SkillKit, make_skill_kit, play_skills
from posttrain_arena.cli.demo_summary import print_summary
from posttrain_arena.cli.main import main
from posttrain_arena.cli.progress import Progress
from posttrain_arena.model import documents
from posttrain_arena.model.leaderboard_run import LeaderboardRun

pytestmark = [pytest.mark.docker, pytest.mark.training]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> SkillKit:
    folder = tmp_path_factory.mktemp("loop") / "skills"
    kit = replace(make_skill_kit(folder, SHORT), agent=small_agent())
    documents.write_document(folder / "recipe.json", kit.agent)
    return kit


@pytest.fixture(scope="module")
def run(kit: SkillKit, engine: DockerEngine) -> LeaderboardRun:
    return play_skills(kit, engine, Progress(STEPS[1:]), seed=0, exhibition="a test")


def test_the_loop_ends_on_the_board_of_the_track_and_verifies(kit: SkillKit, run: LeaderboardRun) -> None:
    assert [evaluation.stage for evaluation in run.evaluations] == ["base", "skills"]
    assert (run.entry.track, run.scored_stage, run.curves) == ("skills", "skills", ())
    board = documents.parse_text((kit.folder / "leaderboard" / "leaderboard.json").read_text(), where="board")
    assert [section["track"] for section in board["sections"]] == ["skills"]
    assert main(["leaderboard", "verify", "--leaderboard", str(kit.folder / "leaderboard")]) == 0


def test_the_page_that_the_summary_names_is_the_board_of_the_track(
    kit: SkillKit, run: LeaderboardRun, capsys: pytest.CaptureFixture[str]
) -> None:
    print_summary(run, [], kit.folder, 1.0)
    page = re.search("^page +file://(.*)$", capsys.readouterr().out, re.MULTILINE)
    assert page is not None
    assert "example-skills" in Path(page[1]).read_text()


def test_a_second_time_everything_is_up_to_date(kit: SkillKit, run: LeaderboardRun, engine: DockerEngine) -> None:
    progress = Progress(STEPS[1:])
    assert play_skills(kit, engine, progress, seed=0, exhibition="a test") == run
    assert progress.nothing_to_do


def test_both_halves_of_the_lift_can_be_reproduced(kit: SkillKit, run: LeaderboardRun, capsys) -> None:
    words = ["leaderboard", "reproduce", run.id, "--leaderboard", str(kit.folder / "leaderboard")]
    words += ["--job", str(kit.folder / "job.json"), "--suite", str(kit.folder / "suite")]
    assert main([*words, "--bases", str(kit.folder.parent / "agents")]) == 0
    told = capsys.readouterr().out
    assert "baseline:    reproduced: all" in told
    assert "evaluation:  reproduced: all" in told
    assert "training" not in told


def test_a_draft_of_the_same_stages_is_the_same_run(kit: SkillKit, run: LeaderboardRun, tmp_path: Path) -> None:
    words = ["leaderboard", "draft", "--job", str(kit.folder / "job.json"), "--exhibition", "a test"]
    words += ["--evaluations", str(kit.folder / "seed-0"), "--out", str(tmp_path / "run.json")]
    assert main([*words, "--bases", str(kit.folder.parent / "agents")]) == 0
    assert documents.read_document(tmp_path / "run.json", LeaderboardRun).id == run.id
