"""``arena trial`` and ``scripts/run_local.sh``: what an author sees of one package, in the real engine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from posttrain_arena.cli.main import main
from posttrain_arena.model.documents import REPOSITORY_ROOT

pytestmark = pytest.mark.docker
SOUND = REPOSITORY_ROOT / "tests" / "examples" / "tasks" / "sound"
RUN_LOCAL = REPOSITORY_ROOT / "scripts" / "run_local.sh"
PIP_NOISE = 'RUN printf "\\033[31mcolours\\033[0m %s\\n" $(seq 300) && echo the cause is here && exit 5\n'


def sound_package(folder: Path) -> Path:
    shutil.copytree(SOUND, folder)
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return sound_package(tmp_path / "count-lines")


def solution(folder: Path, text: str) -> Path:
    (folder / "wrong answer.sh").write_text(f"#!/bin/bash\n{text}\n")
    return folder / "wrong answer.sh"


def run_local(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RUN_LOCAL, *words], capture_output=True, text=True, timeout=120, check=False)


def test_a_wrong_answer_ends_below_a_pass(package: Path, tmp_path: Path) -> None:
    wrong = solution(tmp_path, "echo 7 > /root/count.txt; exit 3")
    done = run_local(package, "--solution", wrong)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "solution on count-lines: reward 0.0" in done.stdout
    assert "[exit status 3]" in done.stdout


def test_an_answer_that_passes_is_no_wrong_one(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = solution(tmp_path, 'bash "$(dirname "$0")/solve.sh"')
    assert main(["trial", str(package), "--solution", str(right)]) == 1
    assert "expected a reward below 1, which is a pass" in capsys.readouterr().out
    assert main(["trial", str(package), "--solution", str(right), "--expect", "1.0"]) == 0


def test_a_verifier_that_breaks_on_an_answer_is_told(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (package / "verifier" / "test.sh").write_text("#!/bin/bash\necho no number here\nexit 4\n")
    assert main(["trial", str(package), "--solution", str(solution(tmp_path, "true"))]) == 1
    said = capsys.readouterr().out
    assert "verifier-crashed (owner: author)\ntest.sh exited with 4:\nno number here\n" in said
    assert "solution on count-lines: no reward (" in said


def test_a_solution_that_is_not_there_is_a_usage_error(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trial", str(package), "--solution", "nowhere.sh"]) == 2
    assert "there is no file nowhere.sh" in capsys.readouterr().err
    assert run_local(package, "--solution").returncode == 2


def test_an_oracle_that_ends_with_a_status_does_not_count_though_it_earns_the_reward(package: Path) -> None:
    with (package / "oracle" / "solve.sh").open("a") as script:
        script.write("\nexit 3\n")
    done = run_local(package)
    assert done.returncode == 1
    assert "solve.sh exited with 3" in done.stdout
    assert "reward 1.0, but the trial does not count: oracle-failed" in done.stdout


def test_a_long_log_is_cut_in_the_middle(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = solution(tmp_path, "seq 9000")
    assert main(["trial", str(package), "--solution", str(wrong)]) == 0
    said = capsys.readouterr().out
    assert "--- agent\n1\n2\n" in said
    assert " characters cut]\n" in said
    assert "\n8999\n9000\n" in said


def test_an_entry_is_told_from_a_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = tmp_path / "submissions" / "team"
    (entry / "envs").mkdir(parents=True)
    assert main(["trial", str(entry)]) == 2
    assert f"{entry} is an entry: give one of its packages, such as {entry}/envs/NAME" in capsys.readouterr().err
    sound_package(entry / "envs" / "count-lines")
    assert main(["trial", str(entry)]) == 2
    assert f"such as {entry}/envs/count-lines\n" in capsys.readouterr().err


def test_the_cause_of_a_failed_build_stands_in_lines_above_the_way_to_see_it(
    package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (package / "environment" / "Dockerfile").open("a") as dockerfile:
        dockerfile.write(PIP_NOISE)
    monkeypatch.chdir(package.parent)
    assert main(["check", package.name, "--forget", "--level", "publication-grade"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "        | colours 300" in lines
    assert "        | the cause is here" in lines
    assert "        = fix: run `docker build count-lines/environment` and mend what it says" in lines
    assert not any("\\x1b" in line or "\\n" in line for line in lines if "printf" not in line)
    assert "         oracle   failed in build: build-failed (owner: author)  (0.0 s)" in lines
    assert os.sep not in lines[0].removeprefix("count-lines/environment/")
