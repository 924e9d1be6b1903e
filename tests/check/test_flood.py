"""A package that is made to take long, or to say a lot, costs seconds and says little."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from packages import findings_of, rules_of, sound_package

from posttrain_arena.core.check.front_matter import MAX_SETTINGS_CHARS, read_yaml_file
from posttrain_arena.core.check.rules.image_copy import MAX_COPIED
from posttrain_arena.core.check.spot import MAX_FINDINGS_PER_RULE

LIMIT_SEC = 10


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """A sound package; what the test does with it must not take long."""
    began = time.monotonic()
    yield sound_package(tmp_path / "count-lines")
    assert time.monotonic() - began < LIMIT_SEC


def append(package: Path, text: str) -> None:
    with (package / "task.md").open("a") as file:
        file.write(text)


def settings(package: Path, text: str) -> None:
    task = package / "task.md"
    task.write_text(task.read_text().replace("---\n", "---\n" + text, 1))


def dockerfile(package: Path, text: str) -> None:
    (package / "environment" / "Dockerfile").write_text("FROM posttrain-arena/base:1\n" + text)


@pytest.mark.parametrize("gap", [" ", "\t", "#", " #", ": "])
def test_heading_with_a_long_gap(package: Path, gap: str) -> None:
    append(package, f"\n## a{gap * (800_000 // len(gap))}b\n")
    assert rules_of(package) == {"heading-unknown"}


def test_thousands_of_wrong_headings_are_told_in_a_few_findings(package: Path) -> None:
    append(package, "\n# prompt" * 80_000)
    said = findings_of(package)
    assert len(said) == MAX_FINDINGS_PER_RULE + 1
    assert [finding.what for finding in said if "more than" in finding.what] == [
        f"more than {MAX_FINDINGS_PER_RULE} findings of this kind; the others are not shown"
    ]


def test_thousands_of_unknown_keys_are_told_in_a_few_findings(package: Path) -> None:
    settings(package, "".join(f"envir{number}: 1\n" for number in range(4_000)))
    assert len(findings_of(package)) == MAX_FINDINGS_PER_RULE + 1


def test_a_flood_of_one_kind_does_not_hide_another(package: Path) -> None:
    append(package, "\n# prompt" * 1_000)
    (package / "oracle" / "solve.sh").unlink()
    assert rules_of(package) == {"heading-near-miss", "required-file"}


def test_aliases_to_a_long_text_are_bounded(package: Path) -> None:
    aliases = ", ".join(["*a"] * 4_000)
    settings(package, f"source: &a {'x' * 40_000}\nsolution: [{aliases}]\n")
    assert rules_of(package) == {"yaml-bounds"}


def test_a_long_manifest_is_not_read() -> None:
    front, problems = read_yaml_file("a: " + "x" * MAX_SETTINGS_CHARS, "submission.yaml")
    assert front is None
    assert [problem.rule for problem in problems] == ["yaml-bounds"]


@pytest.mark.parametrize(
    "rest", ["'" + "a " * 400_000, '"' + "a\\" * 400_000, "[" * 400_000 + "]" * 400_000, "*a" * 5_000 + " /x"]
)
def test_copy_with_an_endless_list(package: Path, rest: str) -> None:
    dockerfile(package, f"COPY {rest}\n")
    assert rules_of(package) <= {"copy-source", "dockerfile-form"}


def test_copies_that_are_not_looked_at_are_refused(package: Path) -> None:
    dockerfile(package, "COPY data/*.txt /srv/\n" * (MAX_COPIED + 1))
    said = findings_of(package)
    assert [(finding.rule, finding.line) for finding in said] == [("copy-source", MAX_COPIED + 2)]


def test_many_patterns_against_many_files(package: Path) -> None:
    for number in range(4_000):
        (package / "environment" / "data" / f"{number}").touch()
    dockerfile(package, "".join(f"COPY *{'a*' * 100}{number} /x\n" for number in range(1_000)))
    assert rules_of(package) == {"copy-source"}


def test_many_files_under_the_bound_of_one_are_not_all_read(package: Path) -> None:
    for number in range(40):
        for folder in ("environment", "verifier"):
            with (package / folder / f"{number}.py").open("wb") as file:
                file.truncate(49_000_000)
    assert rules_of(package) == {"package-too-large"}
