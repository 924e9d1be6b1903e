"""Level publication-grade in a real engine: the worked examples pass, and an oracle that is wrong is told."""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from packages import sound_package, with_prompt

from posttrain_arena.cli.check import check
from posttrain_arena.cli.ladder import trial_findings
from posttrain_arena.cli.main import main
from posttrain_arena.core.check.present import as_text
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.core.check.text_file import line_reader
from posttrain_arena.model.documents import REPOSITORY_ROOT, read_document
from posttrain_arena.model.report import Report

pytestmark = pytest.mark.docker
EXAMPLES = REPOSITORY_ROOT / "starting-kit" / "examples"


def test_a_sound_package_passes_beside_packages_that_do_not(tmp_path: Path) -> None:
    broken = sound_package(tmp_path / "envs" / "count-lines")
    (broken / "oracle" / "solve.sh").write_text("#!/bin/bash\nwc -c < /srv/data/poem.txt > /root/count.txt\n")
    refused = sound_package(tmp_path / "envs" / "no-oracle")
    (refused / "oracle" / "solve.sh").unlink()
    task = refused / "task.md"
    task.write_text(task.read_text().split("## prompt")[0] + "## prompt\n\nSort the poem by its last words.\n")
    try_all = partial(trial_findings, announce=lambda line: None, remember=False)
    targets = find_targets([tmp_path / "envs", EXAMPLES / "ledger-reconcile-bank"])
    report = check(targets, level="publication-grade", remember=False, try_all=try_all)
    assert report.outcome == "fix"
    subjects = {subject.name: subject for subject in report.subjects}
    assert {name for name, subject in subjects.items() if subject.outcome == "fix"} == {"count-lines", "no-oracle"}
    assert [finding.rule for finding in subjects["count-lines"].findings] == ["oracle-does-not-pass"]
    assert subjects["no-oracle"].trials == ()
    sound = subjects["ledger-reconcile-bank"]
    assert (sound.outcome, sound.findings) == ("passed", ())
    assert "oracle-does-not-pass" in as_text(report, line_reader())


def test_wrong_answers_earn_part_of_a_graded_reward(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = tmp_path / "ledger-reconcile-bank"
    shutil.copytree(EXAMPLES / package.name, package)
    with_prompt(package, "Reconcile the ledger. This prompt makes it another task than the kit's example.")
    oracle = package / "oracle" / "solve.sh"
    oracle.write_text(oracle.read_text().replace("return sign *", "return"))
    assert main(["check", str(package), "--forget", "--level", "publication-grade", "--format", "json"]) == 1
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    assert [trial["reward"] for trial in subject["trials"]] == [0.8, 0.0]


def test_packages_with_the_same_files_are_tried_once_and_told_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packages = [sound_package(tmp_path / entry / "envs" / "count-lines") for entry in ("north", "south")]
    for package in packages:
        (package / "oracle" / "solve.sh").write_text("#!/bin/bash\nwc -c < /srv/data/poem.txt > /root/count.txt\n")
    out = tmp_path / "report.json"
    arguments = ["check", *map(str, packages), "--forget", "--level", "publication-grade", "--out", str(out)]
    assert main(arguments) == 1
    subjects = read_document(out, Report).subjects
    assert len(subjects) == 2
    for subject in subjects:
        found = {finding.rule: finding.path for finding in subject.findings}
        assert found.keys() == {"copy-of-other-entry", "oracle-does-not-pass"}
        assert found["oracle-does-not-pass"] == f"{subject.path}/oracle/solve.sh"
    assert capsys.readouterr().err.count("count-lines: oracle:") == 1


def test_unchanged_packages_are_not_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = sound_package(tmp_path / "count-lines")
    oracle = package / "oracle" / "solve.sh"
    oracle.write_text(f"{oracle.read_text()}# {tmp_path.name} {os.getpid()}: never tried before\n")
    arguments = ["check", str(package), "--level", "publication-grade", "--format", "json"]
    assert main(arguments) == 0
    first = capsys.readouterr()
    assert main(arguments) == 0
    again = capsys.readouterr()
    assert first.err.count("count-lines: oracle:") == 2
    assert again.err == (
        "(kept) nothing changed in 1 of 1 packages, so their trials are those of last time: count-lines\n"
    )
    assert again.out == first.out
    oracle.write_text(f"{oracle.read_text()}# and once more\n")
    assert main(arguments) == 0
    assert "count-lines: oracle:" in capsys.readouterr().err
