"""Whatever somebody puts into ``leaderboard/runs``: ``verify`` ends, names the file and the reason, and goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_runs import run

from posttrain_arena.cli import results
from posttrain_arena.cli.main import main
from posttrain_arena.model.documents import encode, to_document

SOUND = to_document(run())
TEXT = encode(SOUND).decode()


def put(place: str, value: Any) -> Callable[[], bytes]:
    """Return a writer of the sound run with another value somewhere."""

    def write() -> bytes:
        doc = json.loads(TEXT)
        *path, last = (int(part) if part.isdigit() else part for part in place.split("/"))
        at = doc
        for part in path:
            at = at[part]
        at[last] = value
        return json.dumps(doc, sort_keys=True, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    return write


def nested(depth: int) -> Any:
    found: Any = 0
    for _ in range(depth):
        found = [found]
    return found


def replaced(old: str, new: str) -> Callable[[], bytes]:
    assert old in TEXT
    return lambda: TEXT.replace(old, new, 1).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nested a million deep": (lambda: b"[" * 1_000_000 + b"]" * 1_000_000, "recursion"),
    "nested objects": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "recursion"),
    "nested in a field": (put("wall_sec", nested(900)), "is nested too deep"),
    "nested a little too deep": (put("score", nested(40)), "is nested too deep"),
    "NaN": (replaced('"seed": 1', '"seed": NaN'), "NaN is not allowed"),
    "infinity": (replaced('"seed": 1', '"seed": -Infinity'), "-Infinity is not allowed"),
    "overflow": (replaced('"seed": 1', '"seed": 1e999'), "is no finite number"),
    "overflow of a reward": (put("hardware", 10**400), "is an integer beyond 2^53"),
    "thousands of digits": (replaced('"seed": 1', '"seed": 1' + "0" * 5000), "digits"),
    "hundreds of digits": (put("seed", 10**300), "is an integer beyond 2^53"),
    "key twice": (replaced('"seed": 1', '"seed": 1, "seed": 2'), "appears twice"),
    "no object": (lambda: b"[]", "is not of type"),
    "text": (lambda: b'"run"', "is not of type"),
    "empty": (lambda: b"", "Expecting value"),
    "cut off": (lambda: TEXT[:5000].encode(), "Expecting"),
    "not UTF-8": (lambda: TEXT.encode("utf-16"), "cannot be read"),
    "byte order mark": (lambda: b"\xef\xbb\xbf" + TEXT.encode(), "BOM"),
    "number for text": (put("hardware", 5), "hardware: 5 is not of type 'string'"),
    "text for number": (put("score/delta", "0.5"), "score/delta"),
    "object for list": (put("evaluations", {}), "evaluations"),
    "null": (put("entry", None), "entry: None is not of type 'object'"),
    "truth for number": (put("attempt", True), "attempt: True is not of type 'integer'"),
    "unknown key": (put("extra", 1), "Additional properties"),
    "reward of hundreds of digits": (
        put("baseline/tasks/0/rewards", [0.5, 10**400, 0, 0]),
        "rewards/1: is an integer beyond 2^53",
    ),
    "seconds without end": (put("wall_sec", {"sft": 1e308, "grpo": 1e308}), "maximum"),
    "reward of two": (put("baseline/tasks/0/rewards", [2.0, 0.0, 0.0, 0.0]), "maximum"),
    "negative attempt": (put("attempt", -1), "attempt"),
    "name of 10 kB": (put("entry/title", "x" * 10_000), "entry/title"),
    "text over 10 kB": (put("entry/title", "x" * 10_001), "is a text of 10001 characters"),
    "key over 10 kB": (put("versions", {"x" * 10_001: "1"}), "a key is a text of 10001 characters"),
    "control character": (put("entry/title", "a\u0007b"), "has the control character U+0007"),
    "escape sequence": (put("entry/team", "\u001b[2J"), "has the control character U+001B"),
    "line feed": (put("hardware", "two\nlines"), "has the control character U+000A"),
    "C1 control": (put("hardware", "\u0085"), "has the control character U+0085"),
    "control character in a key": (put("versions", {"a\u0000": "1"}), "a key has the control character U+0000"),
    "lone surrogate": (replaced('"Quiet harbour"', '"\\ud800"'), "has the control character U+D800"),
    "another run's id": (put("id", "other-team-0123456789ab"), "id: the file says 'other-team-0123456789ab'"),
    "path as id": (put("id", "../../escape"), "id: '../../escape' does not match"),
    "minified": (lambda: json.dumps(SOUND, sort_keys=True).encode(), "somebody changed it"),
    "other white space": (replaced('"seed": 1', '"seed":\t1'), "somebody changed it"),
    "other order": (
        lambda: json.dumps(dict(reversed(SOUND.items())), indent=2).encode() + b"\n",
        "somebody changed it",
    ),
    "no last newline": (lambda: TEXT[:-1].encode(), "somebody changed it"),
}


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """A leaderboard with one sound run, whose file the tests write anew."""
    results.add_run(run(), tmp_path)
    results.add_run(run("second-team"), tmp_path)
    return tmp_path


def verified(board: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = main(["leaderboard", "verify", "--leaderboard", str(board)])
    return code, capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_json_is_refused_with_file_and_reason(case: str, board: Path, capsys) -> None:
    write, reason = HOSTILE[case]
    path = board / "runs" / f"{SOUND['id']}.json"
    path.write_bytes(write())
    code, told = verified(board, capsys)
    assert code == 1
    assert any(line.startswith(str(path)) and reason in line for line in told), told
    assert all(len(line) <= 1000 and line.isprintable() for line in told)


def special_files(folder: Path) -> dict[str, Path]:
    """Put things that are no files of runs into a folder; return them by what they are."""
    made = {name: folder / f"a-{name}.json" for name in ("link", "fifo", "folder", "large", "unreadable")}
    made["link"].symlink_to("/etc/passwd")
    os.mkfifo(made["fifo"])
    made["folder"].mkdir()
    with made["large"].open("wb") as file:
        file.truncate(33 << 20)
    made["unreadable"].write_bytes(b"\xff\xfe")
    made["text"] = folder / "notes.txt"
    made["text"].write_text("notes")
    return made


def test_what_is_no_file_is_named_and_the_runs_are_looked_at_all_the_same(board: Path, capsys) -> None:
    made = special_files(board / "runs")
    path = board / "runs" / f"{SOUND['id']}.json"
    path.write_bytes(put("score/delta", 0.99)())
    code, told = verified(board, capsys)
    assert code == 1
    for other in made.values():
        assert any(line.startswith(str(other)) for line in told), other
    assert any(line.startswith(f"{path}: score/delta") for line in told)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(TEXT.encode()) - 1), flip=st.integers(1, 255))
def test_every_flipped_byte_is_found_and_its_file_named(place: int, flip: int, board: Path, capsys) -> None:
    data = bytearray(TEXT.encode())
    data[place] ^= flip
    (board / "runs" / f"{SOUND['id']}.json").write_bytes(bytes(data))
    code, told = verified(board, capsys)
    assert code == 1
    assert all(str(board) in line for line in told)


CHANGE = {
    "schema": "change/1",
    "kind": "withdrawal",
    "date": "2026-11-20",
    "run": SOUND["id"],
    "reason": "checked again",
}
CHANGES = {
    "nested": (b"[" * 100_000, "recursion"),
    "NaN": (b'{"reason": NaN}', "NaN is not allowed"),
    "key twice": (b'{"run": "a", "run": "b"}', "appears twice"),
    "not UTF-8": (b"\xff\xfe", "cannot be read"),
    "escape sequence": (json.dumps(CHANGE | {"reason": "\u001b[2J"}).encode(), "has the control character U+001B"),
    "lone surrogate": (json.dumps(CHANGE | {"reason": "\ud800"}).encode(), "has the control character U+D800"),
    "unknown key": (json.dumps(CHANGE | {"extra": 1}).encode(), "Additional properties"),
    "a run that is not there": (json.dumps(CHANGE | {"run": "nobody-0123456789ab"}).encode(), "nobody-0123456789ab"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_hostile_changes_are_refused_though_no_board_was_written(case: str, board: Path, capsys) -> None:
    data, reason = CHANGES[case]
    path = board / "changes" / "2026-11-20-withdrawal.json"
    path.parent.mkdir()
    path.write_bytes(json.dumps(CHANGE).encode())
    assert verified(board, capsys)[0] == 0
    path.write_bytes(data)
    code, told = verified(board, capsys)
    assert code == 1
    assert any(reason in line for line in told), told
    assert all(len(line) <= 1000 and line.isprintable() for line in told)
