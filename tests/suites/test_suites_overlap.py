"""``arena suite overlap``: copies of sealed tasks are found however they are dressed, and only counted in public."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from sealed_suites import run

from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.model import documents
from posttrain_arena.model.overlap import Overlap

KIT = documents.REPOSITORY_ROOT / "starting-kit"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks of the public sample play the sealed ones."""
    folder = tmp_path_factory.mktemp("overlap") / "suite"
    names = sorted(path.name for path in (KIT / "public-sample").iterdir() if path.is_dir())[:3]
    for name in names:
        shutil.copytree(KIT / "public-sample" / name, folder / name)
    return folder


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """An entry with two tasks of a family that has nothing to do with the suite."""
    folder = tmp_path / "entry"
    render_family(FAMILIES / "copy-word", Draw(split="train", count=2, seed=0), out=folder / "envs")
    return folder


def looked(suite: Path, entry: Path, tmp_path: Path) -> tuple[int, Overlap]:
    evidence = tmp_path / "evidence.json"
    code = run("overlap", suite, entry, "--evidence", evidence)
    assert stat.S_IMODE(evidence.stat().st_mode) == 0o600
    return code, documents.read_document(evidence, Overlap)


def test_an_entry_of_its_own_does_not_overlap(suite: Path, entry: Path, tmp_path: Path, capsys) -> None:
    code, evidence = looked(suite, entry, tmp_path)
    assert (code, evidence.matches, evidence.parts) == (0, (), 2)
    assert capsys.readouterr().out == "entry: no overlap\n"


def copied(package: Path) -> None:
    """A task as it is."""


def renamed(package: Path) -> None:
    """A task whose prompt has other numbers and one more sentence."""
    text = (package / "task.md").read_text(encoding="utf-8")
    (package / "task.md").write_text(text + "\nMake no other change to the machine.\n", encoding="utf-8")


def prompt_in_skill(package: Path) -> None:
    """A task's prompt as advice in a file of another package."""
    text = (package / "task.md").read_text(encoding="utf-8").partition("## prompt")[2]
    home = package.parent / "copy-word-train-000"
    shutil.rmtree(package)
    (home / "environment" / "notes.txt").write_text(text.upper(), encoding="utf-8")


def solution_inside(package: Path) -> None:
    """A task's solution among another package's files, with comments of its own."""
    home = package.parent / "copy-word-train-000"
    for path in (package / "oracle").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        (home / "oracle" / f"more-{path.name}").write_text("\n".join(f"{line}  # ours" for line in lines[1:]))
    shutil.rmtree(package)


CASES = {
    copied: {"same-task"},
    renamed: {"same-task", "near-task"},
    prompt_in_skill: {"prompt"},
    solution_inside: {"solution"},
}


@pytest.mark.parametrize("dress", CASES, ids=lambda dress: dress.__name__)
def test_a_sealed_task_is_found_and_only_counted(dress, suite: Path, entry: Path, tmp_path: Path, capsys) -> None:
    secret = max(suite.iterdir(), key=lambda path: len((path / "oracle" / "solve.sh").read_text()))
    shutil.copytree(secret, entry / "envs" / "zz-other-name")
    dress(entry / "envs" / "zz-other-name")
    code, evidence = looked(suite, entry, tmp_path)
    assert code == 1
    assert {match.task for match in evidence.matches} == {secret.name}
    assert {match.kind for match in evidence.matches} & CASES[dress]
    said, told = capsys.readouterr()
    assert (said, told) == (f"entry: 1 of its {evidence.parts} tasks overlap with the suite\n", "")


def test_the_evidence_stays_private(suite: Path, entry: Path, tmp_path: Path, capsys) -> None:
    inside = documents.REPOSITORY_ROOT / "evidence.json"
    assert run("overlap", suite, entry, "--evidence", inside) == 2
    assert "keep it outside of every repository" in capsys.readouterr().err
    assert not inside.exists()
    (tmp_path / "evidence.json").write_text("{}")
    assert run("overlap", suite, entry, "--evidence", tmp_path / "evidence.json") == 2
    assert run("overlap", suite, tmp_path, "--evidence", tmp_path / "other.json") == 2
    assert "no packages, skills or agent there" in capsys.readouterr().err
