"""Check that a plan keeps every rule, and that no plan which does is cheaper.

Time is a row of ticks of five minutes from the first day on; a busy calendar is one integer with a bit per tick. Zones
are reckoned from the laws that the calendars' own definitions repeat. The cheapest plan is found by repairing: begin
with every meeting at its cheapest, and where two clash, go on with both ways out, cheapest plan first.
"""

import csv
import heapq
import itertools
import os
import re
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # isolated Python looks nowhere else; the folder is read-only

from busy import PLANNING, TICK, TICKS, ZERO, calendar, stamp, ticks, to_utc, unfolded  # noqa: E402

ANSWER = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "plan.ics"
STEP, AIR, MISSING = 6, 2, 12


def rows(name):
    """Return the lines of a table as dicts."""
    with (PLANNING / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parts(text):
    """Return the members of a list in a field."""
    return set(filter(None, text.split(";")))


class Office:
    """What is known before anything is planned: bits of who is free, and what each meeting asks."""

    def __init__(self):
        self.free, self.taken = {}, {}
        for row in rows("people.csv"):
            busy, home = calendar(f"people/{row['person']}.ics", row["address"])
            hours = [time.fromisoformat(row[end]) for end in ("from", "to")]
            work = 0
            for day in (date(2025, 3, 26) + timedelta(n) for n in range(9)):
                if day.isoweekday() < 6:
                    work |= ticks(*(to_utc(home, datetime.combine(day, hour)) for hour in hours))
            self.free[row["person"]] = work & ~busy
        self.rooms = {row["room"]: row for row in rows("rooms.csv")}
        for room in self.rooms:
            busy, _ = calendar(f"rooms/{room}.ics")
            self.taken[room] = busy
        self.meetings = {row["meeting"]: row for row in rows("meetings.csv")}

    def people(self, name):
        meeting = self.meetings[name]
        return parts(meeting["required"]) | parts(meeting["optional"])

    def price(self, name, start, room):
        """Return what a meeting costs at a tick in a room, or None where the rules forbid it by itself."""
        meeting, place = self.meetings[name], self.rooms[room]
        length, day = int(meeting["minutes"]) // 5, (datetime.fromisoformat(meeting["from"]) - ZERO) // TICK
        span = ((1 << length) - 1) << start
        air = ((1 << (length + 2 * AIR)) - 1) << start >> AIR
        empty = int(place["seats"]) - len(self.people(name)) - int(meeting["guests"])
        allowed = (
            start % STEP == 0
            and day <= start <= TICKS - length
            and all(self.free[person] & span == span for person in parts(meeting["required"]))
            and empty >= 0
            and parts(meeting["equipment"]) <= parts(place["equipment"])
            and not self.taken[room] & air
        )
        if not allowed:
            return None
        absent = sum(self.free[person] & span != span for person in parts(meeting["optional"]))
        return int(meeting["weight"]) * (start - day) // STEP + MISSING * absent + empty

    def clash(self, one, other):
        """Return whether two placed meetings (name, start, room) exclude each other."""
        (a, start_a, room_a), (b, start_b, room_b) = one, other
        end_a, end_b = (start + int(self.meetings[n]["minutes"]) // 5 for n, start, _ in (one, other))
        gap = max(start_a, start_b) - min(end_a, end_b)
        if self.meetings[a]["after"] == b and start_a < end_b or self.meetings[b]["after"] == a and start_b < end_a:
            return True
        return (gap < 0 and bool(self.people(a) & self.people(b))) or (gap < AIR and room_a == room_b)

    def least_cost(self):
        """Return the cost of the cheapest plan."""
        ways = []
        for name in self.meetings:
            found = [
                (price, name, start, room)
                for start in range(0, TICKS, STEP)
                for room in self.rooms
                if (price := self.price(name, start, room)) is not None
            ]
            ways.append(sorted(found))
        hits = {}
        for i, j in itertools.permutations(range(len(ways)), 2):
            for a, one in enumerate(ways[i]):
                hits[i, a, j] = sum(1 << b for b, other in enumerate(ways[j]) if self.clash(one[1:], other[1:]))
        return repair(ways, hits)


def repair(ways, hits):
    """Return the least sum of one way for each meeting, without two that hit each other."""

    def first(bits):
        return (bits & -bits).bit_length() - 1

    def bound(state):
        return sum(ways[i][first(bits)][0] for i, bits in enumerate(state))

    begin = tuple((1 << len(found)) - 1 for found in ways)
    queue, counter = [(bound(begin), 0, begin)], itertools.count(1)
    while queue:
        cost, _, state = heapq.heappop(queue)
        chosen = [first(bits) for bits in state]
        clashes = [
            sum(hits[i, a, j] >> chosen[j] & 1 for j in range(len(state)) if j != i) for i, a in enumerate(chosen)
        ]
        at = clashes.index(max(clashes))
        if not clashes[at]:
            return cost
        # Either the meeting with most clashes stays where it is, and all that it hits is gone, or it does not.
        stays = [bits & ~hits[at, chosen[at], j] if j != at else 1 << chosen[at] for j, bits in enumerate(state)]
        moves = [bits & ~(1 << chosen[at]) if j == at else bits for j, bits in enumerate(state)]
        for child in (stays, moves):
            if all(child):
                heapq.heappush(queue, (bound(child), next(counter), tuple(child)))
    raise AssertionError("the rules leave no plan: the task is broken")


@pytest.fixture(scope="module")
def office():
    return Office()


@pytest.fixture(scope="module")
def written():
    """Return the bytes that the agent wrote."""
    assert ANSWER.is_file() and not ANSWER.is_symlink(), f"{ANSWER} is missing"
    assert ANSWER.stat().st_size < 50_000, f"{ANSWER} is far too long"
    return ANSWER.read_bytes()


@pytest.fixture(scope="module")
def plan(written, office):
    """Return [(meeting, first tick, room)], read as a calendar of nothing but meetings."""
    lines = unfolded(written)
    assert [line[0] for line in lines[:1] + lines[-2:]] == ["BEGIN", "END", ""], "the file is no calendar"
    body = [(name, value) for name, _, value in lines[1:-2]]
    head = list(itertools.takewhile(lambda line: line[0] != "BEGIN", body))
    assert dict(head).get("VERSION") == "2.0" and dict(head).get("PRODID"), "VERSION or PRODID is missing"
    events, inside = [], False
    for name, value in body[len(head) :]:
        if name in ("BEGIN", "END"):
            assert value == "VEVENT" and inside == (name == "END"), "there is more than events"
            inside = name == "BEGIN"
            events += [[]] if inside else []
        else:
            assert inside, f"{name} stands outside of the events"
            events[-1].append((name, value))
    assert not inside, "the last event has no end"
    return [placed(event, office) for event in events]


def placed(event, office):
    """Return (meeting, first tick, room) of an event, which has every property once."""
    names = [name for name, _ in event]
    asked = [name for name in names if name in ("DTEND", "DTSTAMP", "DTSTART", "LOCATION", "UID")]
    assert sorted(asked) == ["DTEND", "DTSTAMP", "DTSTART", "LOCATION", "UID"], f"missing or twice: {names}"
    values = dict(event)
    assert not {"DURATION", "EXDATE", "RDATE", "RECURRENCE-ID", "RRULE"} & set(names), f"not a single meeting: {names}"
    assert values.get("STATUS") != "CANCELLED", "a meeting is cancelled"
    for name in ("DTSTAMP", "DTSTART", "DTEND"):
        assert re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", values[name]), f"{name} is not a time in UTC: {values[name]!r}"
        stamp(values[name])
    meeting, room = values["UID"].removesuffix("@plan"), values["LOCATION"]
    assert values["UID"].endswith("@plan") and meeting in office.meetings, f"no such meeting: {values['UID']!r}"
    assert room in office.rooms, f"no such room: {room!r}"
    start, end = stamp(values["DTSTART"]), stamp(values["DTEND"])
    assert end - start == timedelta(minutes=int(office.meetings[meeting]["minutes"])), f"{meeting} has another length"
    assert (start - ZERO) % TICK == timedelta(0), f"{meeting} begins at an odd time"
    assert timedelta(0) <= start - ZERO < TICKS * TICK, f"{meeting} begins on a day that is not planned"
    return meeting, (start - ZERO) // TICK, room


def test_lines_end_and_are_folded_as_the_format_asks(written):
    assert written.endswith(b"\r\n"), "the last line has no end"
    lines = written.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines), "lines end with CRLF"
    assert max(map(len, lines)) <= 75, "a line is longer than 75 bytes"
    assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2] == b"END:VCALENDAR"


def test_every_meeting_is_planned_once(plan, office):
    assert sorted(meeting for meeting, _, _ in plan) == sorted(office.meetings)


def test_every_meeting_keeps_its_own_rules(plan, office):
    assert [meeting for meeting, start, room in plan if office.price(meeting, start, room) is None] == []


def test_no_two_meetings_clash(plan, office):
    assert [(a[0], b[0]) for a, b in itertools.combinations(plan, 2) if office.clash(a, b)] == []


def test_no_plan_is_cheaper(plan, office):
    prices = [office.price(meeting, start, room) for meeting, start, room in plan]
    assert len(plan) == len(office.meetings) and None not in prices
    assert sum(prices) == office.least_cost()
