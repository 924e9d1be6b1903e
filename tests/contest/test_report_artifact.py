"""What a pull request's own run handed over is bytes that anybody may have written."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from posttrain_arena.core.contest import report_artifact
from posttrain_arena.core.contest.report_artifact import Expected, read_artifact
from posttrain_arena.errors import DocumentError

ENTRY = "submissions/team-north"
EXPECTED = Expected(level="structural", entries=(ENTRY,))


def finding(**changes: Any) -> dict[str, Any]:
    sound = {
        "rule": "category-unknown",
        "severity": "error",
        "path": f"{ENTRY}/envs/a-b/task.md",
        "line": 6,
        "column": 3,
        "what": "the category 'x' is not a domain",
        "how": "write one",
    }
    return sound | changes


def subject(**changes: Any) -> dict[str, Any]:
    sound = {
        "kind": "package",
        "name": "a-b",
        "path": f"{ENTRY}/envs/a-b",
        "digest": None,
        "outcome": "fix",
        "findings": [finding()],
        "trials": [],
    }
    return sound | changes


def report(**changes: Any) -> dict[str, Any]:
    entry = subject(kind="entry", name="team-north", path=ENTRY, outcome="passed", findings=[])
    sound = {
        "schema": "report/1",
        "level": "structural",
        "outcome": "fix",
        "subjects": [entry, subject()],
        "counts": {"packages": 1, "errors": 1, "warnings": 0, "notes": 0, "trials": 0},
    }
    return sound | changes


def zipped(members: dict[str, bytes], prepare: Callable[[zipfile.ZipInfo], None] = lambda info: None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            prepare(info)
            archive.writestr(info, data)
    return buffer.getvalue()


def handed(doc: object) -> bytes:
    return zipped({"report.json": json.dumps(doc).encode()})


def link(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def test_a_sound_report_is_read() -> None:
    read = read_artifact(handed(report()), EXPECTED)
    assert (read.outcome, [one.path for one in read.subjects]) == ("fix", [ENTRY, f"{ENTRY}/envs/a-b"])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no archive"),
        (b"PK\x05\x06" + b"\xff" * 18, "no archive"),
        (handed(report())[:-30], "no archive"),
        (zipped({}), "not just report.json"),
        (zipped({"report.json": b"{}", "x": b""}), "not just report.json"),
        (zipped({"../report.json": b"{}"}), "not just report.json"),
        (zipped({"/report.json": b"{}"}), "not just report.json"),
        (zipped({"report.json": b"/etc/passwd"}, link), "is a link"),
        (zipped({"report.json": b"\xff\xfe"}), "not UTF-8"),
        (zipped({"report.json": b"{"}), "report.json"),
        (zipped({"report.json": b'{"schema": NaN}'}), "report.json"),
        (zipped({"report.json": b"[" * 100_000}), "report.json"),
        (handed([]), "report.json"),
        (handed(report(schema="report/2")), "schema"),
        (handed(report(more=1)), "more"),
        (handed(report(level="schema")), "level schema"),
        (handed(report(outcome="passed")), "says passed, and its packages say fix"),
        (handed(report(outcome="passed", subjects=[subject(outcome="passed")])), "its packages say fix"),
        (handed(report(outcome="passed", subjects=[])), "says nothing of submissions/team-north"),
        (handed(report(subjects=[subject(path="submissions/team-south/envs/a-b")])), "does not touch"),
        (handed(report(subjects=[subject(path="leaderboard/runs")])), "does not touch"),
        (handed(report(subjects=[subject(path=f"{ENTRY}/../team-south/envs/a")])), "does not touch"),
        (handed(report(subjects=[subject(findings=[finding(path="scripts/x.py")])])), "lies outside"),
        (handed(report(subjects=[subject(findings=[finding(path=f"{ENTRY}/envs/a-bc/task.md")])])), "lies outside"),
        (handed(report(subjects=[subject(findings=[finding(path=f"{ENTRY}/envs/a-b/../c/x")])])), "lies outside"),
    ],
    ids=range(25),
)
def test_what_is_no_report_of_this_pull_request_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        read_artifact(data, EXPECTED)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_artifact, "MAX_BYTES", 1 << 20)
    bomb = zipped({"report.json": bytes(8 << 20)})
    with pytest.raises(DocumentError, match="larger than"):
        read_artifact(bomb, EXPECTED)
    lying = bomb.replace((8 << 20).to_bytes(4, "little"), (1 << 10).to_bytes(4, "little"))
    with pytest.raises(DocumentError):
        read_artifact(lying, EXPECTED)
    monkeypatch.setattr(report_artifact, "MAX_ZIP_BYTES", 100)
    with pytest.raises(DocumentError, match="over 100"):
        read_artifact(handed(report()), EXPECTED)
