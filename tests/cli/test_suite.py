"""``arena suite``: what a suite is made of, and which rules it breaks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from posttrain_arena.cli.main import main
from posttrain_arena.model.documents import REPOSITORY_ROOT

SOUND = REPOSITORY_ROOT / "tests" / "examples" / "tasks" / "sound"
FIVE = ["sciences", "cybersecurity", "finance-economics", "office-knowledge-work", "software-engineering"]


def suite_of(folder: Path, domains: Sequence[str]) -> Path:
    """Write a suite with one package for each of the domains, and pin it."""
    for number, domain in enumerate(domains):
        package = folder / f"count-lines-{number}"
        shutil.copytree(SOUND, package)
        text = (package / "task.md").read_text(encoding="utf-8")
        (package / "task.md").write_text(text.replace("software-engineering", domain), encoding="utf-8")
    assert main(["suite", "write", str(folder)]) == 0
    return folder


def test_a_suite_with_even_domains_keeps_the_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = suite_of(tmp_path / "mine", FIVE)
    assert main(["suite", "stats", str(folder)]) == 0
    said, wrong = capsys.readouterr()
    assert wrong == ""
    assert "mine: 5 tasks, sha256:" in said
    assert all(f"{domain:<30}     1  20.0%" in said for domain in FIVE)
    assert "count-lines-4" in said
    assert said.endswith("the suite keeps every rule of competition.yaml\n")


def test_a_domain_over_its_share_is_named_with_its_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = suite_of(tmp_path / "mine", [*FIVE, "sciences"])
    assert main(["suite", "stats", str(folder)]) == 1
    wrong = capsys.readouterr().err
    assert "2 of 6 tasks are of sciences, 33.3% where at most 20% may be" in wrong
    assert "count-lines-0, count-lines-5" in wrong


def test_packages_that_are_not_the_pinned_ones_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = suite_of(tmp_path / "mine", FIVE)
    with (folder / "count-lines-1" / "oracle" / "solve.sh").open("a", encoding="utf-8") as file:
        file.write("true\n")
    (folder / "count-lines-2").rename(folder / "count-words")
    assert main(["suite", "stats", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "count-lines-1: is not what suite.json pins (sha256:" in told
    assert "count-lines-2: in suite.json and not in the folder" in told
    assert "count-words: in the folder and not in suite.json" in told


def test_a_public_sample_is_the_one_that_the_competition_states(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = suite_of(tmp_path / "public-sample", FIVE)
    assert main(["suite", "stats", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "5 tasks where competition.yaml (suites.public_sample.tasks) says 20" in told
    assert "the suite's digest is sha256:" in told


def test_a_suite_that_was_never_pinned_says_how(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = suite_of(tmp_path / "mine", FIVE)
    (folder / "suite.json").unlink()
    assert main(["suite", "stats", str(folder)]) == 1
    assert f"run `arena suite write {folder}`" in capsys.readouterr().err


def test_a_folder_without_packages_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suite", "stats", str(tmp_path / "nowhere")]) == 2
    assert "no task packages there" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_ends_the_command_without_a_word(tmp_path: Path) -> None:
    folder = suite_of(tmp_path / "mine", FIVE)
    arena = Path(sys.executable).with_name("arena")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [arena, "suite", "stats", folder], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
