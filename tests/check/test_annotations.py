"""Ten planted faults: every output names the file, the line and the column where an author has to look."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import pytest
from packages import sound_package

from posttrain_arena.cli.main import main
from posttrain_arena.core.check.quote import WIDE, quote

HOSTS = ", ".join(f"data-{number}.example.org" for number in range(20))

Place = tuple[str, str, int | None, int | None]
"""Rule, file, line, column."""

TASK = """\
---
version: "2.0"
metadata:
  author_name: Ada Example
  author_email: ada at example
  category: 数据科学
  tags: [files]
agent:
  timeout_sec: 999999
environment:
  network_mode: allowlist
  allowed_hosts: [{hosts}, "http://www.example.org/"]
---

## Prompt

Text.

## prompt

Write the number of lines of `/srv/data/poem.txt` into `/root/count.txt`.

## Notes
"""

PLANTED: set[Place] = {
    ("version-unknown", "task.md", 2, 1),
    ("author-email-form", "task.md", 5, 3),
    ("category-unknown", "task.md", 6, 3),
    ("limit-out-of-bounds", "task.md", 9, 3),
    ("host-form", "task.md", 12, 21 + len(HOSTS)),
    ("heading-near-miss", "task.md", 15, 1),
    ("heading-unknown", "task.md", 23, 1),
    ("rubric-weights", "verifier/verifier.md", 14, 9),
    ("copy-source", "environment/Dockerfile", 2, None),
    ("script-shebang", "oracle/solve.sh", 1, None),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    package = sound_package(tmp_path / "envs" / "count-lines")
    (package / "task.md").write_text(TASK.format(hosts=HOSTS))
    _edit(package / "verifier" / "verifier.md", "weight: 1.0", "weight: 0.5")
    _edit(package / "environment" / "Dockerfile", "COPY data/ ", "COPY date/ ")
    _edit(package / "oracle" / "solve.sh", "#!/bin/bash\n", "")
    return package


def _edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def _output(format: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["check", "envs", "--format", format]) == 1
    return capsys.readouterr().out


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _of_text(text: str) -> set[Place]:
    found: set[Place] = set()
    path = ""
    for line in text.splitlines():
        if line.startswith("envs/"):
            path = line.removeprefix("envs/count-lines/")
        elif match := re.fullmatch(r" +(?:(\d+)(?::(\d+))?)?  (?:error|warning|note) +.*  \[([a-z-]+)\]", line):
            found.add((match[3], path, _number(match[1]), _number(match[2])))
    return found


def _of_github(text: str) -> set[Place]:
    command = re.compile(r"::\w+ file=envs/count-lines/([^,]+)(?:,line=(\d+))?(?:,col=(\d+))?,title=([a-z-]+)::.*")
    commands = [match for line in text.splitlines() if (match := command.fullmatch(line))]
    return {(match[4], match[1], _number(match[2]), _number(match[3])) for match in commands}


def _of_sarif(text: str) -> set[Place]:
    found: set[Place] = set()
    for result in json.loads(text)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        path = unquote(place["artifactLocation"]["uri"]).removeprefix("envs/count-lines/")
        region = place.get("region", {})
        found.add((result["ruleId"], path, region.get("startLine"), region.get("startColumn")))
    return found


@pytest.mark.parametrize(("format", "read"), [("text", _of_text), ("github", _of_github), ("sarif", _of_sarif)])
def test_every_format_names_the_planted_places(
    format: str, read: object, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(read)
    assert read(_output(format, capsys)) == PLANTED


@pytest.mark.parametrize("format", ["text", "json", "github", "sarif"])
def test_second_run_is_byte_equal(format: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _output(format, capsys) == _output(format, capsys)


def test_caret_stands_under_the_character_that_is_meant(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = _output("text", capsys).splitlines()
    said = next(number for number, line in enumerate(lines) if "[host-form]" in line)
    assert lines[said + 1].startswith("     12 | …")
    assert lines[said + 1].endswith('.example.org, "http://www.example.org/"]')
    assert lines[said + 1][lines[said + 2].index("^")] == '"'


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    marks = sum(unicodedata.category(c) in ("Mn", "Me") for c in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(c) in "WF" for c in text)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "  ",
        "\t",
        "\t\t- ",
        "名前: ",
        "e\u0301te\u0301: ",
        "\x1b[31m",
        "\u202e",
        "x" * 79,
        "x" * 81,
        "名" * 500,
        "\t" * 90,
    ],
    ids=ascii,
)
def test_caret_holds_with_tabs_wide_characters_marks_escapes_and_long_lines(
    before: str,
) -> None:
    shown = quote(f"{before}@rest of the line {'y' * 300}", len(before) + 1)
    assert shown.caret is not None
    at = shown.text.index("@")
    assert _columns(shown.text[:at]) == shown.caret
    assert _columns(shown.text) <= WIDE + 2
    assert shown.text.isprintable()
    assert shown.text.endswith("…")
    assert (shown.caret == 0) == (before == "")


def test_caret_may_stand_behind_the_last_character_and_never_further() -> None:
    assert quote("abc", 4).caret == 3
    assert quote("abc", 5).caret is None
    assert quote("abc", None) == quote("abc", 99)
    assert quote("", 1).caret == 0
