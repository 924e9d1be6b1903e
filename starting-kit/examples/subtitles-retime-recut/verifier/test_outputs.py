"""Compare the notes with what the editor knows, and the subtitles with what the rules of the prompt give for it."""

import functools
import json
import os
from fractions import Fraction
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
FILM = Path("/srv/film")
CHANGES = Path(__file__).with_name("changes.json")
"""What the editor tells when she is asked: user.private_facts in task.md."""
SHORTEST_MS = 500


def to_ms(text):
    """Return the milliseconds of a time such as 00:00:01,200."""
    clock, rest = text.split(",")
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(rest)


def to_text(ms):
    """Return a time as SubRip writes it."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{ms:03d}"


def original_cues():
    """Return (start, end, text) of every cue; an empty line ends a cue."""
    text = (FILM / "original.srt").read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    for block in text.strip("\n").split("\n\n"):
        _number, times, *lines = block.split("\n")
        start, end = times.split(" --> ")
        yield to_ms(start), to_ms(end), "\n".join(lines)


def changes():
    """Return the removed spans, the inserts by their place, and the speed of the new master."""
    told = json.loads(CHANGES.read_text(encoding="utf-8"))
    removed = [(to_ms(part["from"]), to_ms(part["to"])) for part in told["removed"]]
    inserted = {to_ms(part["at"]): to_ms(part["length"]) for part in told["inserted"]}
    return removed, inserted, Fraction(24, told["frame_rate"])


def cut_clock(last):
    """Return where each of the first ``last`` milliseconds of the long version lies in the cut; None where removed."""
    removed, inserted, _ = changes()
    gone = {ms for start, end in removed for ms in range(start, end)}
    clock, now = [], 0
    for ms in range(last):
        now += inserted.get(ms, 0)
        clock.append(None if ms in gone else now)
        now += ms not in gone
    return clock


def runs(places):
    """Return the runs of places that follow each other without a gap, as [first, last]."""
    found = []
    for place in places:
        if found and found[-1][1] == place - 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return found


@functools.cache
def expected():
    """Return the file that the rules give."""
    cues = list(original_cues())
    clock = cut_clock(max(end for _, end, _ in cues))
    speed = changes()[2]
    kept = []
    for start, end, text in cues:
        left = runs(place for place in clock[start:end] if place is not None)
        if left:
            first, last = max(left, key=lambda run: run[1] - run[0])
            begin, stop = round(first * speed), round((last + 1) * speed)
            kept += [(begin, stop, text)] if stop - begin >= SHORTEST_MS else []
    return [f"{number}\n{to_text(a)} --> {to_text(b)}\n{text}" for number, (a, b, text) in enumerate(sorted(kept), 1)]


def written(name="recut.srt"):
    """Return the bytes that the agent wrote; a missing file fails the test."""
    path = WORKSPACE / name
    assert path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 1_000_000, f"{path} is far too long"
    return path.read_bytes()


def blocks():
    """Return the cues that the agent wrote, whatever the line ends."""
    return written().decode("utf-8-sig").replace("\r\n", "\n").strip("\n").split("\n\n")


def test_changes_are_noted_as_the_editor_told_them():
    assert json.loads(written("changes.json").decode("utf-8-sig")) == json.loads(CHANGES.read_text(encoding="utf-8"))


def test_encoding_and_line_ends():
    data = written()
    assert not data.startswith(b"\xef\xbb\xbf"), "the file starts with a byte order mark"
    assert b"\r" not in data, "the file has CR line ends"
    assert data.endswith(b"\n\n") and not data.endswith(b"\n\n\n"), "one empty line follows the last cue"


def test_numbers_have_no_gaps():
    assert [block.split("\n")[0] for block in blocks()] == [str(n) for n in range(1, len(expected()) + 1)]


def test_times():
    assert [block.split("\n")[1] for block in blocks()] == [block.split("\n")[1] for block in expected()]


def test_every_cue_to_the_letter():
    assert blocks() == expected()
