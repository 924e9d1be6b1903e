"""What `arena new` makes is refused in every part until it is filled in, and passes then."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from posttrain_arena.cli import scaffold as scaffold_module
from posttrain_arena.cli.called import arena_command
from posttrain_arena.cli.main import main
from posttrain_arena.cli.new import TEMPLATES
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.packages import load_package
from posttrain_arena.cli.scaffold import scaffold
from posttrain_arena.core.check.targets import find_targets
from posttrain_arena.errors import UsageError
from posttrain_arena.model.documents import read_document
from posttrain_arena.model.report import Report

FILLED = {
    "author_email: CHANGE-ME": "author_email: ada@team.example",
    "contact_email: CHANGE-ME": "contact_email: ada@team.example",
    "category: CHANGE-ME": "category: cybersecurity",
    "description: CHANGE-ME": "description: Counts the lines of a log. Use when a task asks how many there are.",
    "# CHANGE-ME: solve the task.": "python3 -c 'print(1)' > /root/answer.json",
    "# CHANGE-ME: start your agent.": "python3 train.py",
    'raise NotImplementedError("CHANGE-ME")': "return 1",
    "CHANGE-ME": "words of the author",
}


def fill(folder: Path) -> None:
    """Do what an author does: write something in every marked place."""
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for old, new in FILLED.items():
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")


def check(path: Path) -> Report:
    out = path.parent / f"{path.name}.report.json"
    main(["check", str(path), "--out", str(out)])
    return read_document(out, Report)


def rules(report: Report, severity: str) -> list[str]:
    return [f.rule for subject in report.subjects for f in subject.findings if f.severity == severity]


def new(*arguments: str) -> None:
    assert main(["new", *arguments]) == 0


@pytest.mark.parametrize(("kind", "below"), [("env", "envs/x-y"), ("skill", "skills/x-y"), ("agent", "agent")])
def test_package_in_an_entry_fails_in_every_part_until_it_is_filled_in(
    kind: str, below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track = {"env": "environments", "skill": "skills", "agent": "agents"}[kind]
    new("entry", "team-north", "--track", track, "--out", str(tmp_path))
    entry = tmp_path / "team-north"
    if kind != "agent":
        new(kind, "x-y", "--entry", str(entry))
    said = capsys.readouterr().out
    untouched = check(entry)
    marked = {
        finding.path
        for subject in untouched.subjects
        for finding in subject.findings
        if finding.rule == "placeholder" and finding.severity == "error"
    }
    written = {path for path in TEMPLATES[kind].rglob("*") if path.is_file() and path.name != "test.sh"}
    parts = {
        str(entry / below / path.relative_to(TEMPLATES[kind])) for path in written if "__pycache__" not in str(path)
    }
    assert marked == {*parts, str(entry / "submission.yaml")}
    for finding in (f for subject in untouched.subjects for f in subject.findings if f.rule == "placeholder"):
        assert f"{finding.path}:{finding.line}: " in said
    fill(entry)
    assert rules(check(entry), "error") == []
    assert set(rules(check(entry), "warning")) <= {"entry-too-small"}


@pytest.mark.parametrize("kind", ["env", "skill", "agent"])
def test_package_outside_an_entry(kind: str, tmp_path: Path) -> None:
    new(kind, "x-y", "--out", str(tmp_path / "drafts"))
    package = tmp_path / "drafts" / "x-y"
    assert "placeholder" in rules(check(package), "error")
    fill(package)
    assert rules(check(package), "error") == rules(check(package), "warning") == []


def test_commands_that_are_printed_are_the_next_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new("entry", "team-north", "--track", "skills", "--out", str(tmp_path / "a b"))
    said = capsys.readouterr().out
    assert re.search(r"\n +1\. .*/submission\.yaml:1: team_name: CHANGE-ME", said)
    assert f"arena new skill read-auth-logs --entry '{tmp_path}/a b/team-north'\n" in said
    assert said.endswith(f"arena check '{tmp_path}/a b/team-north'\n")


def test_commands_are_printed_as_they_can_be_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path(sys.executable).with_name("arena")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    assert arena_command() == str(own)
    monkeypatch.chdir(own.parents[2])
    assert arena_command() == str(own.relative_to(own.parents[2]))
    monkeypatch.setenv("PATH", f"{own.parent}:/usr/bin:/bin")
    assert arena_command() == "arena"


def test_name_of_the_package_is_put_in(tmp_path: Path) -> None:
    new("skill", "read-logs", "--out", str(tmp_path))
    new("agent", "scripted-sft", "--out", str(tmp_path))
    new("env", "logs-count", "--out", str(tmp_path))
    assert "\nname: read-logs\n" in (tmp_path / "read-logs/SKILL.md").read_text()
    assert (tmp_path / "scripted-sft/agent.yaml").read_text().startswith("name: scripted-sft\n")
    assert "  name: logs-count-verifier\n" in (tmp_path / "logs-count/verifier/verifier.md").read_text()
    assert os.access(tmp_path / "scripted-sft/solve.sh", os.X_OK)


def test_inside_an_entry_its_folder_need_not_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new("entry", "team-north", "--out", str(tmp_path))
    monkeypatch.chdir(tmp_path / "team-north")
    new("env", "x-y")
    monkeypatch.chdir(tmp_path / "team-north" / "envs")
    new("env", "x-z")
    assert [path.name for path in find_targets([tmp_path / "team-north" / "envs"]).packages] == ["x-y", "x-z"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["env", "Logs Find"], "did you mean 'logs-find'"),
        (["skill", "a" * 65], "at most 64 characters"),
        (["entry", "_x"], "did you mean 'x'"),
        (["agent", "☆"], "is not lower-case-with-hyphens"),
        (["env"], "give it a name, such as logs-find-intruder"),
        (["env", "x-y"], "say which with --entry DIR"),
        (["env", "x-y", "--entry", "nowhere"], "arena new entry NAME --track environments"),
        (["env", "x-y", "--entry", "team", "--out", "o"], "give one of the two"),
        (["skill", "x-y", "--entry", "team"], "is on the track environments"),
        (["entry", "team", "--out", "."], "is there already"),
        (["entry", "x", "--entry", "team"], "lies in no other"),
        (["env", "x", "--track", "skills", "--out", "o"], "only for an entry"),
        (["env", "x", "--count", "3", "--out", "o"], "--count: only with --family"),
        (["env", "x", "--family", "copy-word", "--out", "o"], "names the packages itself"),
        (["env", "--family", "copy-word"], "or a place with --out DIR"),
        (["env", "--family", "copy-wrd", "--out", "o"], "there is no such family: choose one of"),
        (["env", "--family", "copy-word", "--count", "0", "--out", "o"], "at least 1"),
    ],
)
def test_wrong_usage_says_what_to_write(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    new("entry", "team", "--out", ".")
    assert main(["new", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["team"]


def test_nothing_is_left_of_a_scaffold_that_fails(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    (template / "a.md").write_text("a")
    (template / "b.md").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        scaffold({"": template}, tmp_path / "out" / "deep" / "x", {})
    assert [path.name for path in tmp_path.iterdir()] == ["template"]


def test_link_at_the_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        scaffold_module.scaffold({"": TEMPLATES["agent"]}, tmp_path / "x", {})
    assert not (tmp_path / "elsewhere").exists()


def test_packages_of_a_family_name_what_is_left_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new("env", "--family", "copy-word", "--count", "2", "--out", str(tmp_path))
    said = capsys.readouterr()
    assert said.out.split() == [str(tmp_path / f"copy-word-train-00{n}") for n in range(2)]
    assert "Left to do: author_name and author_email" in said.err
    assert (FAMILIES / "copy-word" / "family.yaml").is_file()


def test_packages_of_a_family_credit_the_team_of_their_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new("entry", "team-north", "--out", str(tmp_path))
    entry = tmp_path / "team-north"
    new("env", "--family", "copy-word", "--entry", str(entry))
    assert "Left to do" in capsys.readouterr().err, "nobody is named in an untouched submission.yaml"
    fill(entry)
    manifest = entry / "submission.yaml"
    manifest.write_text(manifest.read_text().replace("team_name: words of the author", 'team_name: "Ada: O\'Neil #1"'))
    new("env", "--family", "copy-word", "--first", "1", "--entry", str(entry))
    assert capsys.readouterr().err == ""
    before, after = (load_package(entry / "envs" / f"copy-word-train-00{n}") for n in range(2))
    texts = [(package.path / "task.md").read_text() for package in (before, after)]
    assert "\n  author_name: PostTrain Arena\n" in texts[0]
    assert '\n  author_name: "Ada: O\'Neil #1"\n  author_email: "ada@team.example"\n' in texts[1]
    assert "PostTrain" not in texts[1]
    assert rules(check(entry), "error") == []


def test_an_untouched_template_is_told_once_a_line(tmp_path: Path) -> None:
    new("entry", "team-north", "--out", str(tmp_path))
    new("env", "x-y", "--entry", str(tmp_path / "team-north"))
    found = [finding for subject in check(tmp_path / "team-north").subjects for finding in subject.findings]
    places = [(finding.path, finding.line) for finding in found if finding.line is not None]
    assert len(places) == len(set(places)) > 10
