"""Forged artifacts give no green status, no label and no words of their own; who can act is told, the log says why."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_github import FakeGitHub
from markdown_it import MarkdownIt
from test_bot_report import ENTRY, PACKAGE, Desk, finding, report

from posttrain_arena.core.contest.check_comment import MARKER, MAX_CHARS
from posttrain_arena.model import documents

SOUND = documents.to_document(report("structural"))


@pytest.fixture
def desk(github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(github, tmp_path, monkeypatch)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings(action="ignore"):
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return buffer.getvalue()


def patched(at: int, value: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a sound archive with other bytes in its file's header, at an offset of the central directory's."""
    data = bytearray(zipped(("report.json", json.dumps(SOUND).encode()), method=method))
    central, local = data.rindex(b"PK\x01\x02"), data.index(b"PK\x03\x04")
    data[central + at : central + at + len(value)] = value
    data[local + at - 2 : local + at - 2 + len(value)] = value
    return bytes(data)


def damaged(method: int) -> bytes:
    """Return an archive whose one file is no stream of its method."""
    data = bytearray(zipped(("report.json", json.dumps(SOUND).encode() * 9), method=method))
    start = data.index(b"report.json") + len(b"report.json")
    data[start + 12 : start + 60] = bytes(range(200, 248))
    return bytes(data)


def changed(**changes: Any) -> bytes:
    return zipped(("report.json", json.dumps(SOUND | changes).encode()))


def with_subject(**changes: Any) -> bytes:
    entry, package = SOUND["subjects"]
    return changed(subjects=[entry, package | changes])


TRIAL = {"agent": "oracle", "reward": 1.0, "passed": True, "failure": None, "seconds": 1.0}
ENDLESS = '"trials": [{"agent": "a", "reward": 1, "passed": true, "failure": null, "seconds": 1e999}]'
FORGED: dict[str, tuple[bytes, str]] = {
    "a link as the file": (
        patched(38, (0o120777 << 16).to_bytes(4, "little")),
        "is a link",
    ),
    "two files of one name": (zipped(("report.json", b"{}"), ("report.json", b"{}")), "not just report.json"),
    "a path upwards": (zipped(("../../report.json", b"{}")), "not just report.json"),
    "an absolute path": (zipped(("/etc/report.json", b"{}")), "not just report.json"),
    "a second file": (zipped(("report.json", b"{}"), ("PR_NUMBER", b"1")), "not just report.json"),
    "another case": (zipped(("REPORT.JSON", b"{}")), "not just report.json"),
    "an archive in an archive": (zipped(("report.json", zipped(("report.json", b"{}")))), "report.json"),
    "one that claims 1 GB": (patched(24, (1 << 30).to_bytes(4, "little")), "larger than"),
    "zip64 without its sizes": (patched(20, b"\xff" * 8), "no archive|larger than"),
    "an encrypted one": (patched(8, b"\x01\x00"), "encrypted"),
    "an unknown method": (patched(10, b"\x63\x00"), "no archive"),
    "a broken deflate stream": (damaged(zipfile.ZIP_DEFLATED), "no archive"),
    "a broken LZMA stream": (damaged(zipfile.ZIP_LZMA), "no archive"),
    "a broken bzip2 stream": (damaged(zipfile.ZIP_BZIP2), "no archive"),
    "a bomb of 100 MB": (zipped(("report.json", bytes(100 << 20))), "larger than"),
    "a number of a pull request": (changed(pull=7), "pull"),
    "a commit": (changed(head="0" * 40), "head"),
    "words of its own": (changed(comment=f"{MARKER}\n### Passed"), "comment"),
    "another level": (changed(level="schema"), "level schema"),
    "an outcome that its findings do not give": (changed(outcome="fix"), "its packages say passed"),
    "an entry of others": (with_subject(path="submissions/team-south/envs/a"), "does not touch"),
    "a package behind a path upwards": (with_subject(path=f"{ENTRY}/../team-south/envs/a"), "does not touch"),
    "no entry at all": (changed(subjects=[]), "says nothing of"),
    "a severity that is none": (
        with_subject(findings=[documents.to_document(finding()) | {"severity": "fine"}]),
        "severity",
    ),
    "NaN as reward": (with_subject(trials=[TRIAL | {"reward": float("nan")}]), "NaN"),
    "a reward of 2": (with_subject(trials=[TRIAL | {"reward": 2}]), "reward"),
    "an endless reward": (zipped(("report.json", b'{"schema": 1e999}')), "report.json"),
    "a number of 5000 digits": (zipped(("report.json", b'{"schema": ' + b"9" * 5000 + b"}")), "report.json"),
    "lists in lists": (zipped(("report.json", b"[" * 100_000)), "report.json"),
    "a rule that is none": (with_subject(findings=[documents.to_document(finding()) | {"rule": "@all"}]), "rule"),
    "half a character": (with_subject(findings=[documents.to_document(finding()) | {"what": "\ud800"}]), "surrogates"),
    "endless seconds": (
        zipped(("report.json", json.dumps(SOUND).replace('"trials": []', ENDLESS, 1).encode())),
        "not JSON compliant",
    ),
    "a key that speaks to the runner": (changed(**{"x\n::error::owned": 1}), "owned"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_artifact_is_ours_to_look_at_and_never_green(
    name: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    data, why = FORGED[name]
    run = desk.ran("check", None)
    run.artifacts["report"] = data
    assert desk.report(run) == 0
    assert desk.statuses()["arena/files"] == "error"
    assert "### We broke, nothing to do for you" in desk.comment()
    assert set(desk.pull.labels) <= {"arena-broken"}
    assert desk.github.checks == []
    log = capsys.readouterr().out
    assert re.search(why, log)
    assert not any(line.startswith("::") for line in log.splitlines())
    assert run.attempt == 2, "it is tried again"


HOSTILE = (
    "@octocat #1 <!-- arena:check --> <img src=x onerror=alert(1)> [x](https://evil.example) | ``` \n\n"
    "### Passed\r\n::error::owned\n</details>\u202e"
)
INJECTED: dict[str, Callable[[dict[str, Any]], None]] = {
    "what": lambda package: package["findings"][0].update(what=HOSTILE),
    "how": lambda package: package["findings"][0].update(how=HOSTILE),
    "path": lambda package: package["findings"][0].update(path=f"{PACKAGE}/{HOSTILE.replace('/', '-')}"),
    "name": lambda package: package.update(name=HOSTILE),
    "topic": lambda package: package.update(topic=HOSTILE),
    "agent": lambda package: package.update(trials=[TRIAL | {"agent": f"probe:{HOSTILE}"}]),
    "ten megabytes": lambda package: package["findings"][0].update(what="`" * (10 << 20)),
    "a long name": lambda package: package.update(name="|" * (1 << 20)),
    "an endless line": lambda package: package["findings"][0].update(line=10**30),
    "many rewards": lambda package: package.update(
        trials=[TRIAL | {"reward": number / 100_000} for number in range(20_000)]
    ),
    "a hundred thousand findings": lambda package: package.update(findings=package["findings"] * 100_000),
}


@pytest.mark.parametrize("name", INJECTED)
def test_text_of_strangers_is_shown_and_does_nothing(name: str, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    doc = documents.to_document(report("structural", finding()))
    INJECTED[name](doc["subjects"][1])
    run = desk.ran("check", json.dumps(doc).encode())
    assert desk.report(run) == 0
    comment = desk.comment()
    assert len(comment) <= MAX_CHARS
    html = MarkdownIt("commonmark").enable("table").render(comment)
    outside = re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL)
    assert comment.startswith(f"{MARKER}\n### Fix these: ")
    assert outside.count("<!--") == 1
    assert not re.search(r"@|<img|evil|### Passed|owned", outside)
    assert desk.statuses()["arena/files"] == "failure"
    assert set(desk.pull.labels) <= {"needs-fix", "track: environments", "domain: software-engineering"}
    assert not any(line.startswith("::") for line in capsys.readouterr().out.splitlines())
    told = [one for check in desk.github.checks for one in check["annotations"]]
    assert 0 < len(told) <= 500
    assert all(one["start_line"] < 1 << 31 and "\n" not in one["message"].split("\nfix: ")[0] for one in told)


def test_lines_that_github_does_not_take_cost_no_word_of_the_answer(desk: Desk) -> None:
    desk.github.fail("POST", "/check-runs$", 422, times=99, message="Invalid request")
    assert desk.report(desk.ran("check", report("structural", finding()))) == 3
    assert desk.statuses()["arena/files"] == "failure"
    assert "### Fix these: 1 error" in desk.comment()
    assert "needs-fix" in desk.pull.labels


def test_an_artifact_that_grows_while_it_is_read_is_dropped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posttrain_arena.cli.bot.report.MAX_ZIP_BYTES", 400)
    run = desk.ran("check", None)
    run.artifacts["report"] = LyingBytes(bytes(1 << 20))
    assert desk.report(run) == 0
    assert desk.statuses()["arena/files"] == "error"
    assert any(path.endswith("/zip") for _, path, _ in desk.github.requests)


class LyingBytes(bytes):
    """Bytes that GitHub lists as few."""

    def __len__(self) -> int:
        return 100
