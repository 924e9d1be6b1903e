"""What a report looks like."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from posttrain_arena.core.check.present import FORMATS, as_text
from posttrain_arena.core.check.summary import build_report
from posttrain_arena.model.documents import from_document
from posttrain_arena.model.finding import Finding
from posttrain_arena.model.report import Peak, Report, Subject, TrialSummary
from posttrain_arena.model.trial import Failure


def finding(rule: str, path: str, line: int | None = None, *, what: str = "wrong", severity: str = "error") -> Finding:
    column = None if line is None else 3
    return Finding(rule=rule, severity=severity, path=path, line=line, column=column, what=what, how="mend it")


def source(path: str, line: int) -> str | None:
    return {3: "\t x: 1", 9: "y" * 500}.get(line)


def report() -> Report:
    failure = Failure(stage="build", owner="infrastructure", reason="engine", detail="disk full\nreally")
    trials = (
        TrialSummary(agent="oracle", reward=1.0, passed=True, failure=None, seconds=2.25),
        TrialSummary(agent="noop", reward=None, passed=False, failure=failure, seconds=0.5),
        TrialSummary(agent="probe:conftest", reward=1.0, passed=True, failure=None, seconds=1.5),
        TrialSummary(agent="probe:endless-sleep", reward=0.0, passed=False, failure=None, seconds=2.0),
    )
    peaks = (
        Peak(resource="agent time", used=1.234, limit=600, unit="s"),
        Peak(resource="cores", used=0.96, limit=1, unit=""),
    )
    faults = (
        finding("required-file", "envs/a-b/oracle/solve.sh", what="oracle/solve.sh is missing"),
        finding("key-unknown", "envs/a-b/task.md", 3, what="unknown key x: did you mean 'y'?"),
        finding("key-not-used", "envs/a-b/task.md", 9, severity="warning"),
        finding("x", "envs/a-b/a\n::error::b,c:d%.md", 1, what="50% of\r\n::warning::\x1b[31mred", severity="note"),
    )
    subjects = [
        Subject(
            kind="package",
            name="z-ok",
            path="envs/z-ok",
            digest=None,
            outcome="broken",
            findings=(),
            trials=trials,
            peaks=peaks,
        ),
        Subject(kind="package", name="a-b", path="envs/a-b", digest=None, outcome="fix", findings=faults),
    ]
    return build_report("publication-grade", subjects)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_report_looks_as_agreed(name: str, golden: Callable[[str, bytes], None]) -> None:
    golden(f"check/report.{name}.txt", FORMATS[name](report(), source).encode())


def test_json_is_the_report_document() -> None:
    assert from_document(Report, json.loads(FORMATS["json"](report(), source)), where="report") == report()


@pytest.mark.parametrize("name", ["text", "github", "sarif"])
def test_no_contributor_text_reaches_the_log_raw(name: str) -> None:
    shown = FORMATS[name](report(), source)
    assert all(line.isprintable() for line in shown.splitlines())
    assert not any(line.startswith(("::error::", "::warning::")) for line in shown.splitlines())


def test_colour_changes_nothing_but_colours() -> None:
    plain = FORMATS["text"](report(), source)
    coloured = as_text(report(), source, colour=True)
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_no_colour_but_on_a_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "posttrain_arena", "check", str(tmp_path / "package")]
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "task.md").write_text("")

    def shown(terminal: bool, **environment: str) -> str:
        ours, theirs = os.openpty() if terminal else os.pipe()
        env = {"PATH": os.environ["PATH"], "TERM": "xterm", **environment}
        subprocess.run(command, stdout=theirs, check=False, env=env)
        os.write(theirs, b"!")
        said = b""
        while not said.endswith(b"!"):
            said += os.read(ours, 10_000)
        os.close(ours)
        os.close(theirs)
        return said.decode()

    assert "\x1b[1;31merror" in shown(True)
    for plain in (shown(True, NO_COLOR="1"), shown(True, TERM="dumb"), shown(False)):
        assert "error" in plain
        assert "\x1b" not in plain


def test_a_terminal_that_knows_few_characters_shows_the_others_escaped(tmp_path: Path) -> None:
    (tmp_path / "数").mkdir()
    (tmp_path / "数" / "task.md").write_text("")
    for format, wanted in (("text", "\\u6570"), ("sarif", "%E6%95%B0")):
        command = [sys.executable, "-m", "posttrain_arena", "check", "数", "--format", format]
        env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
        done = subprocess.run(command, capture_output=True, check=False, env=env, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, b"")
        assert wanted in done.stdout.decode()


def test_what_could_not_be_read_whole_is_said_once_before_the_total() -> None:
    def said(*findings: Finding) -> list[str]:
        subject = Subject(kind="package", name="a-b", path="a-b", digest=None, outcome="fix", findings=findings)
        return [line for line in as_text(build_report("schema", [subject]), source).splitlines() if "whole" in line]

    many = [finding("yaml-syntax", f"e-{number}/task.md", 1) for number in range(7)]
    mark = finding("text-encoding", "a-b/task.md", 1, what="starts with a byte order mark")
    assert said(finding("yaml-duplicate-key", "a-b/task.md", 2), mark) == []
    assert said(many[0], finding("key-missing", "e-0/task.md", 3)) == [
        "e-0/task.md could not be read as a whole: more may be found once this is mended."
    ]
    assert said(*many[:2])[0].startswith("e-0/task.md, e-1/task.md could")
    assert "e-4/task.md, 2 other files could" in said(*many)[0]
    assert said(finding("text-encoding", "a-b/task.md", 1))


def test_every_annotation_is_one_line_with_its_place() -> None:
    lines = FORMATS["github"](report(), source).splitlines()
    assert len([line for line in lines if line.startswith("::")]) == 4
    assert lines[1].startswith("::error file=envs/a-b/task.md,line=3,col=3,title=key-unknown::")


def test_report_says_fix_before_broken_before_passed() -> None:
    fix, broken = report().subjects[0], report().subjects[1]
    assert build_report("schema", [fix, broken]).outcome == "fix"
    assert build_report("schema", [broken]).outcome == "broken"
    assert build_report("schema", []).outcome == "passed"
