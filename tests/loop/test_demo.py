"""The whole loop, shortened: killed in the middle of GRPO, resumed, complete, and then up to date."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.leftovers import OWNER_LABEL

pytestmark = [pytest.mark.docker, pytest.mark.training]
ARENA = [sys.executable, "-m", "posttrain_arena"]
KILL_WAIT_SEC = 400


def arena(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ARENA, *map(str, words)], capture_output=True, text=True, timeout=900, check=False)


def kill_after_first_grpo_step(out: Path) -> int:
    """Start the demo and kill it as soon as GRPO has finished a step; return its process id."""
    metrics = out / "short" / "seed-0" / "grpo" / "metrics.jsonl"
    seals = out / "short" / "seed-0" / "grpo" / "trainer"
    with subprocess.Popen([*ARENA, "demo", "--short", "--out", str(out)], stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + KILL_WAIT_SEC
        while not (metrics.exists() and list(seals.glob("checkpoint-*/whole.json"))):
            assert process.poll() is None, "the demo ended before it could be killed"
            assert time.monotonic() < deadline, "GRPO did not finish a step"
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    return process.pid


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def killed(out: Path) -> int:
    """The process id of a demo that was killed with kill -9 in the middle of GRPO."""
    return kill_after_first_grpo_step(out)


@pytest.fixture(scope="module")
def resumed(out: Path, killed: int) -> str:
    """The output of the run that follows the killed one."""
    result = arena("demo", "--short", "--out", out)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_killed_run_goes_on_from_the_last_finished_step_and_says_so(resumed: str, out: Path) -> None:
    manifest = json.loads((out / "short" / "seed-0" / "grpo" / "manifest.json").read_text())
    step = manifest["facts"]["resumed_from_step"]
    assert step >= 1
    assert f"Resumed: seed 0: GRPO went on from step {step}" in resumed
    rows = [json.loads(line) for line in (out / "short" / "seed-0" / "grpo" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, len(rows) + 1))


def test_the_loop_ends_in_a_board_that_its_raw_rewards_confirm(resumed: str, out: Path) -> None:
    leaderboard = out / "short" / "leaderboard"
    board = json.loads((leaderboard / "leaderboard.json").read_text())
    assert "demo-team" in json.dumps(board)
    assert arena("leaderboard", "verify", "--leaderboard", leaderboard).returncode == 0
    (run,) = (leaderboard / "runs").glob("*.json")
    doc = json.loads(run.read_text())
    assert {rate["group"] for rate in doc["stages"]} == {None, "held-out split", "held-out family"}
    assert {series["stage"] for series in doc["curves"]} == {"sft", "grpo"}
    assert (out / "short" / "site" / "runs" / f"{run.stem}.html").is_file()


def test_nothing_of_the_killed_run_is_left_behind(resumed: str, killed: int) -> None:
    labels = [one["Labels"][OWNER_LABEL] for one in connect().containers(all=True, filters={"label": OWNER_LABEL})]
    assert not [label for label in labels if label.endswith(f":{killed}")]


def test_a_second_run_finds_everything_up_to_date_and_changes_nothing(resumed: str, out: Path) -> None:
    def content() -> dict[str, bytes]:
        folder = out / "short" / "leaderboard"
        return {path.name: path.read_bytes() for path in folder.rglob("*.json")}

    before = content()
    result = arena("demo", "--short", "--out", out)
    assert result.returncode == 0, result.stderr
    assert "Everything was up to date." in result.stdout
    assert content() == before


def test_a_trained_checkpoint_can_be_evaluated_by_command(resumed: str, out: Path, tmp_path: Path) -> None:
    job, suite = out / "short" / "seed-0" / "job.json", out / "short" / "suite"
    checkpoint = out / "short" / "seed-0" / "grpo"
    common = ["--suite", suite, "--bases", out / "bases", "--out", tmp_path]
    result = arena("evaluate", job, *common, "--checkpoint", checkpoint)
    assert result.returncode == 0, result.stderr
    again = json.loads((tmp_path / "evaluation-grpo" / "evaluation.json").read_text())
    before = json.loads((out / "short" / "seed-0" / "evaluation-grpo" / "evaluation.json").read_text())
    assert again == before
