"""Call the library in its jail, and compare with events that are read from the start again after each piece."""

import codecs
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from streams import COMMENTS, EVENTS, LINES, RUNS, SEVERAL, STREAMS

HOME = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "pulseline"
JAIL = Path(__file__).with_name("jail.py")
LIMITS = {
    resource.RLIMIT_CPU: 20,
    resource.RLIMIT_AS: 300 << 20,
    resource.RLIMIT_FSIZE: 8 << 20,
    resource.RLIMIT_CORE: 0,
}
WALL_SEC = 60
MOST_BYTES = 100_000

ENDS = re.compile("\r\n|\n|\r")
WHOLE_LINE = re.compile("([^\r\n]*)(?:\r\n|\n|\r)")
BYTE_ORDER_MARK = "\ufeff"


def decoded(pieces, final):
    """Return the text of the pieces so far."""
    if all(isinstance(piece, bytes) for piece in pieces):
        return codecs.getincrementaldecoder("utf-8")("replace").decode(b"".join(pieces), final)
    return "".join(piece.decode("ascii") if isinstance(piece, bytes) else piece for piece in pieces)


def read_lines(lines, last_id):
    """Return the events in whole lines, and the last id."""
    events, event = [], {}
    for line in lines:
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if line == "":
            if event:
                data = "\n".join(event.get("data", []))
                events.append({"Event": [event.get("event", ""), data, last_id, event.get("retry")]})
            event = {}
        elif name == "data":
            event.setdefault("data", []).append(value)
        elif name == "event":
            event["event"] = value
        elif name == "id" and "\0" not in value:
            last_id = event["id"] = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            event["retry"] = int(value)
    return events, last_id


def read_so_far(pieces, final, last_id):
    """Return the events that a stream has so far, and the last id; the stream is read from its start."""
    text = decoded(pieces, final)
    text = text[1:] if text.startswith(BYTE_ORDER_MARK) else text
    return read_lines(WHOLE_LINE.findall(text + "\n\n" if final else text), last_id)


def expected_push(steps, last_id):
    """Return what each call gives, and the last id; a step is a piece, or None for the end of the stream."""
    given, pieces, before, first_id = [], [], 0, last_id
    for step in steps:
        pieces += [] if step is None else [step]
        events, last_id = read_so_far(pieces, step is None, first_id)
        given.append(events[before:])
        before = len(events)
        if step is None:
            pieces, before, first_id = [], 0, last_id
    return [given, last_id]


def expected_pull(pieces, last_id):
    """Return the events with the number of pieces that are needed for each."""
    given, _ = expected_push([*pieces, None], last_id)
    return [[min(number, len(pieces)), event] for number, events in enumerate(given, start=1) for event in events]


def expected_event(data=None, event=None, id=None, retry=None):
    """Return an event as it is written, or the error."""
    fields = [("event", event, "\r\n"), ("id", id, "\r\n\0")]
    if any(set(str(value)) & set(forbidden) for _, value, forbidden in fields if value is not None):
        return {"raised": "ValueError"}
    lines = [f"{name}: {value}" for name, value, _ in fields if value is not None]
    lines += [] if retry is None else [f"retry: {int(retry)}"]
    lines += [] if data is None else [f"data: {line}" for line in ENDS.split(data)]
    return {"gave": "".join(line + "\n" for line in lines) + "\n"}


def expected_comment(text=""):
    """Return a comment as it is written."""
    return {"gave": "".join(f": {line}".rstrip(" ") + "\n" for line in ENDS.split(text))}


def sent(piece):
    """Return a piece as the jail reads it."""
    if piece is None:
        return "close"
    return ["bytes", piece.hex()] if isinstance(piece, bytes) else ["text", piece]


def read(path):
    """Return the text of a file of the agent's; whatever else lies there fails the test."""
    place = HOME / path
    assert place.resolve() == HOME.resolve() / path, f"{place} is a link"
    assert place.is_file(), f"{place} is missing"
    assert place.stat().st_size < MOST_BYTES, f"{place} is far too long"
    return place.read_text(encoding="utf-8")


def modules():
    """Return module → source of the package as the agent left it."""
    found = {}
    for folder, _, files in os.walk(HOME / "pulseline"):
        for name in files:
            if name.endswith(".py"):
                path = Path(folder, name).relative_to(HOME)
                found[".".join(path.with_suffix("").parts).removesuffix(".__init__")] = read(path)
                assert len(found) < 40, "there are too many modules"
    return found


def limit():
    """Limit the process that is about to start."""
    for what, most in LIMITS.items():
        resource.setrlimit(what, (most, most))


def all_jobs():
    """Return (rule, job, what must come of it) of everything that is tried."""
    for rule, last_id, pieces in RUNS:
        steps = [sent(piece) for piece in pieces]
        pushed, pulled = expected_push([*pieces, None], last_id), expected_pull(pieces, last_id)
        yield rule, {"do": "push", "last_id": last_id, "steps": [*steps, "close"]}, {"gave": pushed}
        yield rule, {"do": "pull", "last_id": last_id, "steps": steps}, {"gave": pulled}
    for steps in SEVERAL:
        job = {"do": "push", "last_id": "", "steps": [sent(step) for step in steps]}
        yield "several streams", job, {"gave": expected_push(steps, "")}
    for lines in LINES:
        given, last_id = expected_push([f"{line}\n" for line in ["", *lines]], "")
        single = [events[0] if events else None for events in given[1:]]
        yield "lines", {"do": "take", "lines": lines}, {"gave": [single, last_id]}
    for args, named in EVENTS:
        yield "writing", {"do": "event", "args": args, "named": named}, expected_event(*args, **named)
    for args in COMMENTS:
        yield "comments", {"do": "comment", "args": args}, expected_comment(*args)


JOBS = list(all_jobs())


@pytest.fixture(scope="module")
def outcomes():
    """Return what came of JOBS, in their order, and of a look at the public names; no answer is in that process."""
    asked = {"modules": modules(), "jobs": [*(job for _, job, _ in JOBS), {"do": "surface"}]}
    with tempfile.TemporaryFile() as answer:
        try:
            jail = [sys.executable, "-I", "-B", str(JAIL)]
            given = json.dumps(asked).encode()
            subprocess.run(
                jail,
                input=given,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=WALL_SEC,
                preexec_fn=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"the calls took more than {WALL_SEC} seconds")
        answer.seek(0)
        found = json.loads(answer.read() or b"[]")
    assert len(found) == len(asked["jobs"]), "the package cannot be imported, or used up its time or memory"
    return found


@pytest.mark.parametrize("rule", [*STREAMS, "several streams", "lines", "writing", "comments"])
def test_behaviour(rule, outcomes):
    tried = [(job, expected, outcome) for (of, job, expected), outcome in zip(JOBS, outcomes) if of == rule]
    assert tried
    for job, expected, outcome in tried:
        assert outcome == expected, job


def test_what_users_see_is_as_it_was(outcomes):
    chunk, line, last_id = ["chunk", "", ""], ["line", "", ""], ["last_id", "", "''"]
    me = ["self", "", ""]
    written = [["data", "", "None"], ["event", "", "None"], ["id", "", "None"], ["retry", "", "None"]]
    plain = [[last_id], [me, chunk], [me, line], [me], [["chunks", "", ""], last_id], written, [["text", "", "''"]]]
    assert outcomes[-1]["gave"] == {
        "all": ["Event", "EventParser", "format_comment", "format_event", "iter_events"],
        "version": "1.6.3",
        "fields": ["event", "data", "id", "retry"],
        "signatures": [[[name, "POSITIONAL_OR_KEYWORD", default] for name, _, default in one] for one in plain],
    }


def test_version_of_the_project():
    assert tomllib.loads(read("pyproject.toml"))["project"]["version"] == "1.6.3"
