"""What the author hears of files that make git hand out others; and the page of attacks names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from posttrain_arena.cli.demo_kit import SHORT, make_kit
from posttrain_arena.cli.main import main
from posttrain_arena.model import documents
from posttrain_arena.model.report import Report

PAGE = (documents.REPOSITORY_ROOT / "docs/attacks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [".gitattributes", ".GitAttributes"])
@pytest.mark.parametrize("folder", [".", "_notes", "envs", "envs/*", "envs/*/environment/deep"])
def test_the_author_is_told_of_gitattributes(folder: str, name: str, tmp_path: Path) -> None:
    kit = make_kit(tmp_path, SHORT)
    first = min(path.name for path in (kit.entry / "envs").iterdir())
    place = kit.entry / folder.replace("*", first)
    place.mkdir(exist_ok=True)
    (place / name).write_text("* export-ignore\n")
    out = tmp_path / "report.json"
    assert main(["check", "--level", "structural", "--out", str(out), str(kit.entry)]) == 1
    subjects = documents.read_document(out, Report).subjects
    found = [one for subject in subjects for one in subject.findings if one.path.endswith(f"/{name}")]
    assert {one.rule for one in found if one.severity == "error"} >= {"file-name"}
    assert any("other files than were checked" in one.what for one in found)


@pytest.mark.parametrize("place", ["_link", ".link", "envs/_link", "_notes/link"])
def test_the_author_is_told_of_links_that_nobody_else_looks_at(place: str, tmp_path: Path) -> None:
    kit = make_kit(tmp_path, SHORT)
    (kit.entry / place).parent.mkdir(exist_ok=True)
    (kit.entry / place).symlink_to("/etc")
    out = tmp_path / "report.json"
    assert main(["check", "--level", "structural", "--out", str(out), str(kit.entry)]) == 1
    found = [one for subject in documents.read_document(out, Report).subjects for one in subject.findings]
    assert [(one.rule, one.path.endswith(place)) for one in found if one.severity == "error"] == [("file-kind", True)]


def test_every_attack_of_the_page_names_a_test_that_is_there() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)
    root = documents.REPOSITORY_ROOT / "tests"
    texts = {path.name: path.read_text(encoding="utf-8") for path in root.rglob("test_*.py")}
    assert [one for one in named if f"def {one[1]}(" not in texts.get(one[0], "")] == []
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 30
