#!/bin/bash
set -euo pipefail

# The lists, and every kind of property that the calendars use: each of them has to be understood.
head -n 20 /srv/planning/*.csv
cat /srv/planning/*/*.ics | tr -d '\r' | grep -oE '^[A-Z-]+[;:](FREQ[^ ]*|TZID=[^:]*|VALUE=[A-Z]*)?' | sort | uniq -c

cat > /root/calendars.py <<'PY'
"""Reads a calendar into the times at which its owner is busy, in UTC and without zone."""

import re
from datetime import date, datetime, timedelta

DAY = timedelta(days=1)
HORIZON = datetime(2025, 4, 30)
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
LINE = re.compile(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:]*))*):(.*)')
PARAMETER = re.compile(r';([A-Z-]+)=(?:"([^"]*)"|([^";:]*))')


class Component:
    def __init__(self, name):
        self.name, self.lines, self.inner = name, [], []

    def get(self, name):
        """Return (parameters, value) of the first property of a name, or None."""
        return next((line[1:] for line in self.lines if line[0] == name), None)

    def value(self, name, default=""):
        found = self.get(name)
        return found[1] if found else default


def parse(text):
    root = Component("")
    stack = [root]
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        name, parameters, value = LINE.fullmatch(line).groups()
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].inner.append(stack[-1])
        elif name == "END":
            stack.pop()
        else:
            stack[-1].lines.append((name, {k: a or b for k, a, b in PARAMETER.findall(parameters)}, value))
    return root.inner[0]


def naive(text):
    return datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")


def weekday_of_month(year, month, rule):
    """Return the date that 2SU or -1FR means."""
    days = [date(year, month, 1) + n * DAY for n in range(31)]
    days = [day for day in days if day.month == month and WEEKDAYS[day.weekday()] == rule[-2:]]
    number = int(rule[:-2])
    return days[number - 1 if number > 0 else number]


class Zone:
    """A VTIMEZONE: what counts is the observance that began last."""

    def __init__(self, component):
        self.observances = []
        for inner in component.inner:
            sign, hours, minutes = re.fullmatch(r"([+-])(\d\d)(\d\d)", inner.value("TZOFFSETTO")).groups()
            offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
            rule = dict(part.split("=") for part in inner.value("RRULE").split(";") if part)
            self.observances.append((naive(inner.value("DTSTART")), rule, offset))

    def onsets(self, year):
        for start, rule, offset in self.observances:
            if rule:
                day = weekday_of_month(year, int(rule["BYMONTH"]), rule["BYDAY"])
                yield datetime.combine(day, start.time()), offset
            else:
                yield start, offset

    def utc(self, local):
        begun = [pair for year in (local.year - 1, local.year) for pair in self.onsets(year) if pair[0] <= local]
        return local - max(begun)[1]


class Calendar:
    def __init__(self, path, address=None):
        component = parse(path.read_text(encoding="utf-8"))
        self.zones = {zone.value("TZID"): Zone(zone) for zone in component.inner if zone.name == "VTIMEZONE"}
        self.home = self.zones[component.value("X-WR-TIMEZONE")]
        self.address = address
        self.events = {}
        for event in component.inner:
            if event.name == "VEVENT":
                replaces = event.get("RECURRENCE-ID")
                key = event.value("UID"), self.utc(*replaces) if replaces else None
                others = self.events.get(key)
                if not others or int(event.value("SEQUENCE", "0")) > int(others.value("SEQUENCE", "0")):
                    self.events[key] = event
        self.busy = [span for key, event in self.events.items() for span in self.spans(key, event)]

    def utc(self, parameters, text):
        if text.endswith("Z"):
            return naive(text)
        return self.zones.get(parameters.get("TZID"), self.home).utc(naive(text))

    def counts(self, event):
        refused = any(
            name == "ATTENDEE" and value.lower() == f"mailto:{self.address}" and parameters.get("PARTSTAT") == "DECLINED"
            for name, parameters, value in event.lines
        )
        return not refused and event.value("STATUS") != "CANCELLED" and event.value("TRANSP") != "TRANSPARENT"

    def spans(self, key, event):
        """Yield the times at which one event makes busy."""
        if not self.counts(event):
            return
        parameters, text = event.get("DTSTART")

        def as_utc(local):
            return local if text.endswith("Z") else self.utc(parameters, local.strftime("%Y%m%dT%H%M%S"))

        starts = self.recurrences(event, naive(text), as_utc)
        if "T" not in text:  # whole days last from one local midnight to another
            end = event.value("DTEND")
            length = naive(end) - naive(text) if end else DAY
            yield from ((as_utc(start), as_utc(start + length)) for start in starts)
            return
        if event.value("DURATION"):
            days, hours, minutes = re.fullmatch(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?", event.value("DURATION")).groups("0")
            length = timedelta(days=int(days), hours=int(hours), minutes=int(minutes))
        else:
            length = self.utc(*event.get("DTEND")) - as_utc(naive(text))
        dates = {name: [] for name in ("RDATE", "EXDATE")}
        for name, extra, values in event.lines:
            if name in dates:
                dates[name] += [self.utc(extra, value) for value in values.split(",")]
        replaced = [other[1] for other in self.events if other[0] == key[0] and key[1] is None and other[1]]
        for start in [*map(as_utc, starts), *dates["RDATE"]]:
            if start not in dates["EXDATE"] and start not in replaced:
                yield start, start + length

    @staticmethod
    def recurrences(event, start, as_utc):
        """Return the local starts that the rule gives, before exceptions."""
        rule = dict(part.split("=") for part in event.value("RRULE").split(";") if part)
        if not rule:
            return [start]
        step, days = int(rule.get("INTERVAL", 1)), rule.get("BYDAY", WEEKDAYS[start.weekday()]).split(",")
        monday = start - start.weekday() * DAY
        found = []
        for n in range((HORIZON - start).days):
            local = start + n * DAY
            if rule["FREQ"] == "DAILY":
                fits = n % step == 0
            elif rule["FREQ"] == "WEEKLY":
                fits = (local - monday).days // 7 % step == 0 and WEEKDAYS[local.weekday()] in days
            elif "BYDAY" in rule:
                fits = local.date() == weekday_of_month(local.year, local.month, days[0])
            else:
                fits = local.day == start.day
            if fits:
                found.append(local)
        if "UNTIL" in rule:
            found = [local for local in found if as_utc(local) <= naive(rule["UNTIL"])]
        return found[: int(rule.get("COUNT", len(found)))]
PY

cat > /root/plan.py <<'PY'
import csv
from datetime import datetime, timedelta
from pathlib import Path

from calendars import DAY, Calendar

PLANNING = Path("/srv/planning")
FIRST, LAST = datetime(2025, 3, 27), datetime(2025, 4, 3)
HALF_HOUR, GAP = timedelta(minutes=30), timedelta(minutes=10)


def table(name):
    return list(csv.DictReader((PLANNING / name).open(encoding="utf-8", newline="")))


def listed(text):
    return set(text.split(";")) - {""}


people, rooms = {}, {}
for row in table("people.csv"):
    calendar = Calendar(PLANNING / "people" / f"{row['person']}.ics", row["address"])
    hours = [timedelta(hours=int(row[end][:2]), minutes=int(row[end][3:])) for end in ("from", "to")]
    days = [FIRST + n * DAY for n in range(-1, 8)]
    work = [tuple(calendar.home.utc(day + time) for time in hours) for day in days if day.weekday() < 5]
    people[row["person"]] = work, calendar.busy
for row in table("rooms.csv"):
    rooms[row["room"]] = int(row["seats"]), listed(row["equipment"]), Calendar(PLANNING / "rooms" / f"{row['room']}.ics").busy


def is_free(person, start, end):
    work, busy = people[person]
    at_work = any(begin <= start and end <= finish for begin, finish in work)
    return at_work and not any(begin < end and start < finish for begin, finish in busy)


def options(meeting):
    """Return (cost, start, end, room) of every way to hold a meeting by itself, cheapest first."""
    required, optional = listed(meeting["required"]), listed(meeting["optional"])
    seats = len(required | optional) + int(meeting["guests"])
    length = timedelta(minutes=int(meeting["minutes"]))
    day = datetime.fromisoformat(meeting["from"])
    found = []
    for steps in range((LAST - length - day) // HALF_HOUR + 1):
        start, end = day + steps * HALF_HOUR, day + steps * HALF_HOUR + length
        if not all(is_free(person, start, end) for person in required):
            continue
        cost = int(meeting["weight"]) * steps + 12 * sum(not is_free(person, start, end) for person in optional)
        for room, (size, equipment, busy) in rooms.items():
            taken = any(begin < end + GAP and start - GAP < finish for begin, finish in busy)
            if size >= seats and listed(meeting["equipment"]) <= equipment and not taken:
                found.append((cost + size - seats, start, end, room))
    return sorted(found)

meetings = table("meetings.csv")
choices = [options(meeting) for meeting in meetings]
invited = [listed(meeting["required"]) | listed(meeting["optional"]) for meeting in meetings]
names = [meeting["meeting"] for meeting in meetings]


def clash(i, a, j, b):
    """Return whether meeting i held as a and meeting j held as b exclude each other."""
    return (
        bool(invited[i] & invited[j] and a[1] < b[2] and b[1] < a[2])
        or (a[3] == b[3] and a[1] < b[2] + GAP and b[1] < a[2] + GAP)
        or (meetings[i]["after"] == names[j] and a[1] < b[2])
        or (meetings[j]["after"] == names[i] and b[1] < a[2])
    )


# Bit b of fits[i][a][j] says that meeting j can be held as b while i is held as a. The lowest bit is the cheapest.
everything = range(len(meetings))
fits = [
    [
        [0 if i == j else sum(1 << b for b, y in enumerate(choices[j]) if not clash(i, x, j, y)) for j in everything]
        for x in choices[i]
    ]
    for i in everything
]
best = [float("inf"), {}]

def cheapest(bits):
    return (bits & -bits).bit_length() - 1

def search(cost, left, plan):
    """Branch and bound: what is left costs at least the cheapest choice of each that is still possible."""
    if not all(left.values()):
        return
    least = {i: choices[i][cheapest(bits)][0] for i, bits in left.items()}
    bound = cost + sum(least.values())
    if bound >= best[0]:
        return
    if not left:
        best[:] = cost, plan
        return

    def pressure(i):
        """How much the others lose by the cheapest choice of i, or i by giving it up, if that is less."""
        keep = fits[i][cheapest(left[i])]
        loss = 0
        for j, bits in left.items():
            if j != i:
                bits &= keep[j]
                loss += choices[j][cheapest(bits)][0] - least[j] if bits else 10_000
        others = left[i] & (left[i] - 1)
        return min(loss, choices[i][cheapest(others)][0] - least[i] if others else 10_000), loss

    i = max(left, key=pressure)
    bits = left[i]
    while bits:
        a = cheapest(bits)
        bits &= bits - 1
        price = choices[i][a][0]
        if bound - least[i] + price >= best[0]:
            break
        search(cost + price, {j: b & fits[i][a][j] for j, b in left.items() if j != i}, plan | {i: a})


search(0, {i: (1 << len(choices[i])) - 1 for i in everything}, {})
cost, plan = best
lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Harbour office//Plan 1.0//EN"]
for i in sorted(plan):
    price, start, end, room = choices[i][plan[i]]
    print(f"{names[i]:14} {start:%a %d %b %H:%M} to {end:%H:%M} UTC in {room:5} {price:4}")
    lines += ["BEGIN:VEVENT", f"UID:{names[i]}@plan", "DTSTAMP:20250320T120000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}"]
    lines += [f"DTEND:{end:%Y%m%dT%H%M%SZ}", f"SUMMARY:{names[i]}", f"LOCATION:{room}", "END:VEVENT"]
lines.append("END:VCALENDAR")
Path("/root/plan.ics").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
print("cost", cost)
PY

python3 /root/plan.py
