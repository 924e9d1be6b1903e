"""Score the deadlines: all of them right, or half of the share that is.

    python3 score.py ctrf.json

Counts on a calendar of working days that is laid out once, from the files in the pristine image.
"""

import bisect
import csv
import json
import os
import re
import sys
from datetime import date
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
OFFICE = Path("/srv/office")
SPAN = range(date(2024, 12, 1).toordinal(), date(2031, 1, 1).toordinal())


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def calendar():
    """Return the working days as ordinals, ascending."""
    weekly = {day for day in SPAN if (day + 6) % 7 in {{ {"weekend": [5, 6], "friday-saturday": [4, 5], "sunday": [6]}[week] }}}
    listed = (OFFICE / "holidays.txt").read_text(encoding="utf-8").split()
    {% if holidays == "yearly" %}
    free = weekly | {day for day in SPAN if str(date.fromordinal(day))[5:] in listed}
    {% else %}
    named = sorted(date.fromisoformat(text).toordinal() for text in listed)
    free = weekly.union(named)
    {% endif %}
    {% if holidays == "moved" %}
    for day in named:
        if day in weekly:
            free.add(next(other for other in SPAN if other > day and other not in free))
    {% elif holidays == "bridges" %}
    free |= {day for day in SPAN if day - 1 in free and day + 1 in free}
    {% endif %}
    return [day for day in SPAN if day not in free]


WORKING = calendar()


def at_or_after(day):
    """Return the first working day from a day on."""
    return WORKING[bisect.bisect_left(WORKING, day)]


def at_or_before(day):
    """Return the last working day up to a day."""
    return WORKING[bisect.bisect_right(WORKING, day) - 1]


def stamp(text):
    """Return a time of receipt as ``YYYY-MM-DD HH:MM``."""
    {% if receipt == "iso" %}
    return text
    {% elif receipt == "dotted" %}
    return re.sub(r"(\d\d)\.(\d\d)\.(\d{4}) (.*) Uhr", r"\3-\2-\1 \4", text)
    {% else %}
    clock, half, _, month, day, year = text.split(" ")
    months = "January February March April May June July August September October November December".split()
    hour = int(clock[:2]) % 12 + 12 * (half == "PM")
    return f"{year}-{months.index(month) + 1:02d}-{day} {hour:02d}:{clock[3:]}"
    {% endif %}


def earliest(received):
    """Return the day that a case starts on by its receipt alone."""
    day, clock = received.split(" ")
    day = date.fromisoformat(day).toordinal()
    {% if start == "same-day" %}
    return at_or_after(day)
    {% elif start == "next-day" %}
    return at_or_after(day + 1)
    {% else %}
    return at_or_after(day) if clock < "{{ "%02d" % cutoff }}:00" else at_or_after(day + 1)
    {% endif %}


def due(start, term):
    """Return the due date of a case that starts on a day."""
    {% if term == "working-days" %}
    return WORKING[WORKING.index(start) + term - 1]
    {% elif term == "roll-forward" %}
    return at_or_after(start + term)
    {% elif term == "roll-back" %}
    return max(start, at_or_before(start + term))
    {% else %}
    first = date.fromordinal(start).replace(day=1)
    years, month = divmod(first.month + term, 12)
    following = first.replace(year=first.year + years, month=month + 1)
    return WORKING[bisect.bisect_left(WORKING, following.toordinal()) - 3]
    {% endif %}


def expected():
    """Return the cases as (due, name, start, owner), in order."""
    with (OFFICE / "cases.csv").open(encoding="utf-8", newline="") as file:
        waiting = [[*row[:2], stamp(row[2]), *row[3:]] for row in list(csv.reader(file))[1:]]
    waiting.sort(key=lambda row: (row[2], row[0]))
    done, idle = {}, {}
    while waiting:
        for row in list(waiting):
            name, owner, received, term, after = row
            start = earliest(received)
            {% if queue == "after" %}
            if any(other not in done for other in after.split()):
                continue
            start = max([start, *(at_or_after(done[other][0] + 1) for other in after.split())])
            {% elif queue == "one-at-a-time" %}
            start = max(start, idle.get(owner, start))
            {% endif %}
            done[name] = (due(start, int(term)), name, start, owner)
            idle[owner] = at_or_after(done[name][0] + 1)
            waiting.remove(row)
    return sorted(done.values())


def read_output(name):
    """Return the text of a file that the agent wrote."""
    path = WORKSPACE / name
    if path.is_symlink() or not path.is_file():
        raise Refused(f"{name} is missing")
    if path.stat().st_size > 100_000:
        raise Refused(f"{name} is far too long")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{name} is no text") from None


def compared():
    """Return what the agent wrote and what is right, as lists of items that can be compared one by one."""
    cases = [(str(date.fromordinal(day)), name, str(date.fromordinal(start)), owner) for day, name, start, owner in expected()]
    {% if output == "table" %}
    rows = list(csv.reader(read_output("deadlines.csv").splitlines()))
    if rows[:1] != [["case", "start", "due"]]:
        raise Refused("deadlines.csv has another header")
    return [tuple(row) for row in rows[1:]], [(name, start, day) for day, name, start, _ in cases]
    {% elif output == "owners" %}
    try:
        told = json.loads(read_output("deadlines.json"))
    except (ValueError, RecursionError):
        raise Refused("deadlines.json is no JSON") from None
    if not isinstance(told, dict) or not all(isinstance(part, dict) for part in told.values()):
        raise Refused("deadlines.json is no object of objects")
    mine = sorted((owner, name, str(day)) for owner, part in told.items() for name, day in part.items())
    return mine, sorted((owner, name, day) for day, name, _, owner in cases)
    {% else %}
    mine = []
    for line in read_output("board.txt").splitlines():
        if not re.fullmatch(r"\d{4}-W\d\d:( \w{1,20})+", line):
            raise Refused("a line of board.txt has another form")
        mine += [(line[:8], name) for name in line[10:].split(" ")]
    if len({week for week, _ in mine}) != read_output("board.txt").count(":"):
        raise Refused("board.txt has a week twice")
    weeks = [date.fromisoformat(day).isocalendar() for day, *_ in cases]
    return mine, [(f"{week[0]}-W{week[1]:02d}", case[1]) for week, case in zip(weeks, cases)]
    {% endif %}


def judge():
    """Return the reward, and what is to be said of it."""
    try:
        mine, right = compared()
    except Refused as refused:
        return 0.0, str(refused)
    if mine == right:
        return 1.0, "all deadlines are right"
    hits = len(set(mine) & set(right)) if len(mine) <= len(right) else 0
    return round(hits / len(right) / 2, 4), f"{hits} of {len(right)} are right"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "deadlines", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(reward)


if __name__ == "__main__":
    main()
