#!/bin/bash
set -euo pipefail

# The briefing. Nobody plays the editor for a reference solution, so it notes what she answers when she is asked: these are
# the private_facts of task.md, which no file in the image has and no agent gets but by asking.
cat > /root/changes.json <<'JSON'
{
  "removed": [
    {"from": "00:00:00,000", "to": "00:00:12,389"},
    {"from": "00:05:08,110", "to": "00:05:31,228"},
    {"from": "00:06:10,500", "to": "00:06:11,179"},
    {"from": "00:08:51,870", "to": "00:08:52,341"},
    {"from": "00:10:14,628", "to": "00:11:52,399"},
    {"from": "00:18:20,600", "to": "00:18:22,000"}
  ],
  "inserted": [
    {"at": "00:02:11,800", "length": "00:00:08,500"},
    {"at": "00:14:09,864", "length": "00:00:41,500"},
    {"at": "00:18:20,600", "length": "00:00:06,250"},
    {"at": "00:24:09,342", "length": "00:00:03,000"}
  ],
  "frame_rate": 25
}
JSON

# The conforming, from here on by what the file says alone.
head -c 300 /srv/film/original.srt

cat > /root/recut.py <<'PY'
import json
import re
from fractions import Fraction

CLOCK = r"(\d\d):(\d\d):(\d\d),(\d{3})"
CUE = re.compile(rf"\d+\n{CLOCK} --> {CLOCK}\n(.*?)\n*(?=\n\d+\n{CLOCK} -->|\Z)", re.DOTALL)
SHORTEST = 500


def milliseconds(hours, minutes, seconds, rest):
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)


def of(clock):
    return milliseconds(*re.fullmatch(CLOCK, clock).groups())


def stamp(time):
    return f"{time // 3600000:02d}:{time // 60000 % 60:02d}:{time // 1000 % 60:02d},{time % 1000:03d}"


changes = json.load(open("/root/changes.json"))
removed = [(of(part["from"]), of(part["to"])) for part in changes["removed"]]
inserted = [(of(part["at"]), of(part["length"])) for part in changes["inserted"]]


def moved(time):
    """Return where a moment of the long version lies in the cut, before an insert that stands just there."""
    gone = sum(min(time, end) - start for start, end in removed if start < time)
    return time - gone + sum(length for at, length in inserted if at < time)


def pieces(start, end):
    """Yield what is left of a cue, from insert to insert, as times of the cut."""
    places = [(start, sum(length for at, length in inserted if at == start))]
    places += [(at, length) for at, length in inserted if start < at < end]
    for (begin, new), stop in zip(places, [at for at, _ in places[1:]] + [end]):
        yield moved(begin) + new, moved(stop)


def longest(start, end):
    return max(pieces(start, end), key=lambda piece: piece[1] - piece[0])  # the first of equals


text = open("/srv/film/original.srt", encoding="utf-8-sig", newline="").read().replace("\r\n", "\n")
speed = Fraction(24) / Fraction(str(changes["frame_rate"]))
cues = []
for match in CUE.finditer(text):
    parts = match.groups()
    start, end = longest(milliseconds(*parts[:4]), milliseconds(*parts[4:8]))
    start, end = round(start * speed), round(end * speed)
    if end - start >= SHORTEST:
        cues.append((start, end, parts[8]))

with open("/root/recut.srt", "w", encoding="utf-8", newline="\n") as file:
    for number, (start, end, words) in enumerate(sorted(cues), 1):
        file.write(f"{number}\n{stamp(start)} --> {stamp(end)}\n{words}\n\n")
PY

python3 /root/recut.py
head -n 8 /root/recut.srt
grep -c -- '-->' /srv/film/original.srt /root/recut.srt
