"""Compare an edit list with the takes that the recordings in the pristine image hold.

Everything is counted in whole numbers, or fractions of them: a sample is an integer with a common denominator, levels
are compared as squares, so that nothing hangs on how logarithms are rounded. Only peaks become dB, with a tolerance.
"""

import io
import math
import os
import re
import struct
from fractions import Fraction
from pathlib import Path

import pytest

TAKES = Path("/srv/takes")
ANSWER = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "selects.edl"
FLOAT_SCALE = 1 << 40
EVENT = re.compile(r"(\d{3,})\s+(\S+)\s+(\S+)\s+C" + r"\s+(\d\d:\d\d:\d\d:\d\d)" * 4)
HOUR = 25 * 3600


def walk(file, end):
    """Return (name, content) of the chunks from where a file is up to ``end``."""
    found = []
    while file.tell() + 8 <= end:
        name, size = file.read(4), int.from_bytes(file.read(4), "little")
        found.append((name, file.read(min(size, end - file.tell()))))
        file.read(size & 1)
    return found


def only(chunks, name):
    """Return the content of the first chunk of a name, or nothing."""
    return next((content for found, content in chunks if found == name), b"")


def whole_samples(form, data):
    """Return the samples as integers, and what full scale is."""
    bits = int.from_bytes(form[14:16], "little")
    code = form[24] if form[0] == 0xFE else form[0]
    width = bits // 8
    data = data[: len(data) - len(data) % int.from_bytes(form[12:14], "little")]
    if code == 3:
        return [int(x * FLOAT_SCALE) for (x,) in struct.iter_unpack("<f", data)], FLOAT_SCALE
    numbers = [int.from_bytes(data[i : i + width], "little") for i in range(0, len(data), width)]
    half = 1 << (bits - 1)
    if width == 1:
        return [n - half for n in numbers], half
    return [n - 2 * half if n >= half else n for n in numbers], half


def loud_blocks(channels, size, scale):
    """Return one letter per block, L or q. Samples come times their count, so that the mean is a whole number."""
    length = len(channels[0])
    limit = Fraction(size * (scale * length) ** 2, 10_000)
    letters = ""
    for start in range(0, length - size + 1, size):
        loud = any(sum(x * x for x in channel[start : start + size]) >= limit for channel in channels)
        letters += "L" if loud else "q"
    return letters


def labels_of(chunks):
    """Return [(frame, label)] of the cue points that have a label, by frame."""
    table, places, found = only(chunks, b"cue "), {}, []
    for start in range(4, len(table), 24):
        places[table[start : start + 4]] = int.from_bytes(table[start + 20 : start + 24], "little")
    for name, content in chunks:
        if name == b"LIST" and content.startswith(b"adtl"):
            inner = io.BytesIO(content)
            inner.seek(4)
            found += [
                (places[c[:4]], c[4:].rstrip(b"\0").decode()) for n, c in walk(inner, len(content)) if n == b"labl"
            ]
    return sorted(found)


def takes_of(path):
    """Return the takes of a file as dicts, without their number and record times."""
    data = path.read_bytes()
    file = io.BytesIO(data)
    file.seek(12)
    chunks = walk(file, len(data))
    form = only(chunks, b"fmt ")
    count, rate = form[2], int.from_bytes(form[4:8], "little")
    samples, scale = whole_samples(form, only(chunks, b"data"))
    channels = [samples[n::count] for n in range(count)]
    channels = [[x * len(channel) - total for x in channel] for channel in channels for total in [sum(channel)]]
    clock = int.from_bytes(only(chunks, b"bext")[338:346], "little")
    labels, found, size = labels_of(chunks), [], rate // 50
    for match in re.finditer("L(?:q{0,14}L)*", loud_blocks(channels, size, scale)):
        first, behind = match.start() * size, match.end() * size
        inside = [label for frame, label in labels if first <= frame < behind]
        if len(match[0]) < 25 or any(label[:2].upper() == "NG" for label in inside):
            continue
        peak = max(abs(x) for channel in channels for x in channel[first:behind])
        source = Fraction(clock + first, rate), Fraction(clock + behind, rate)
        found.append(
            {
                "reel": path.name.removesuffix(".wav").upper(),
                "track": "A" * count,
                "source": (math.floor(source[0] * 25), math.ceil(source[1] * 25)),
                "clip": path.name,
                "peak": 20 * math.log10(peak / (scale * len(channels[0]))),
                "loc": inside[0] if inside else None,
            }
        )
    return found


def code(frames):
    """Return a timecode."""
    seconds, rest = divmod(frames % (24 * HOUR), 25)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"


@pytest.fixture(scope="module")
def expected():
    """Return all takes with their numbers and times as the list has them."""
    takes, record = [], HOUR
    for path in sorted(TAKES.iterdir(), key=lambda path: path.name):
        for take in takes_of(path):
            first, behind = take["source"]
            times = tuple(map(code, (first, behind, record, record + behind - first)))
            takes.append(take | {"number": len(takes) + 1, "times": times})
            record += behind - first
    return takes


@pytest.fixture(scope="module")
def lines():
    """Return the lines that the agent wrote, without empty ones."""
    assert ANSWER.is_file() and not ANSWER.is_symlink(), f"{ANSWER} is missing"
    assert ANSWER.stat().st_size < 100_000, f"{ANSWER} is far too long"
    text = ANSWER.read_bytes().decode("utf-8").replace("\r\n", "\n")
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.fixture(scope="module")
def written(lines):
    """Return the events that the agent wrote, each with its comments."""
    events = []
    for line in lines[2:]:
        if match := EVENT.fullmatch(line):
            events.append((match, {}))
            continue
        comment = re.fullmatch(r"\*\s*(FROM CLIP NAME|PEAK|LOC):\s*(.*)", line)
        assert comment and events, f"neither an event nor its comment: {line[:80]!r}"
        assert comment[1] not in events[-1][1], f"a second comment of one kind: {line[:80]!r}"
        events[-1][1][comment[1]] = comment[2]
    return events


def test_head(lines):
    assert lines[:2] == ["TITLE: SELECTS", "FCM: NON-DROP FRAME"]


def test_events_are_counted_and_name_reels_and_tracks(expected, written):
    named = [(int(event[1]), event[2], event[3]) for event, _ in written]
    assert named == [(take["number"], take["reel"], take["track"]) for take in expected]


def test_source_times(expected, written):
    assert [event.groups()[3:5] for event, _ in written] == [take["times"][:2] for take in expected]


def test_record_times(expected, written):
    assert [event.groups()[5:7] for event, _ in written] == [take["times"][2:] for take in expected]


def test_clip_names_and_labels(expected, written):
    named = [(comments.get("FROM CLIP NAME"), comments.get("LOC")) for _, comments in written]
    assert named == [(take["clip"], take["loc"]) for take in expected]


def test_peaks(expected, written):
    peaks = [re.fullmatch(r"([+-]?\d{1,3}(?:\.\d{1,6})?)\s*DBFS", comments.get("PEAK", "")) for _, comments in written]
    assert len(peaks) == len(expected)
    assert all(peak and abs(float(peak[1]) - take["peak"]) <= 0.101 for peak, take in zip(peaks, expected, strict=True))
