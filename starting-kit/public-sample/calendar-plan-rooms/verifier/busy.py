"""Reads calendars into busy ticks: of five minutes each, one bit of an integer, from the first day on."""

import itertools
import re
from datetime import datetime, timedelta
from pathlib import Path

PLANNING = Path("/srv/planning")
ZERO, TICK, TICKS = datetime(2025, 3, 27), timedelta(minutes=5), 7 * 288
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
EUROPE = {2024: ((3, 31), (10, 27)), 2025: ((3, 30), (10, 26))}
AMERICA = {2024: ((3, 10), (11, 3)), 2025: ((3, 9), (11, 2))}
LAWS = {
    "Europe/Berlin": (1, EUROPE),
    "Europe/London": (0, EUROPE),
    "America/New_York": (-5, AMERICA),
    "W. Central Africa Standard Time": (1, {}),
}


def to_utc(zone, local):
    """Return a local time as UTC. No event lies in a night in which clocks change."""
    standard, laws = LAWS[zone]
    first, last = laws.get(local.year, ((13, 1), (13, 1)))
    summer = first <= (local.month, local.day) < last
    return local - timedelta(hours=standard + summer)


def stamp(text):
    """Return the time of a value, local or not."""
    return datetime(*(int(text[a:b] or 0) for a, b in ((0, 4), (4, 6), (6, 8), (9, 11), (11, 13), (13, 15))))


def ticks(start, end):
    """Return the bits of a stretch of time; what lies outside the planned days is cut off."""
    low = max(0, min(TICKS, (start - ZERO) // TICK))
    high = max(0, min(TICKS, -((ZERO - end) // TICK)))
    return (1 << high) - (1 << low) if high > low else 0


class Event:
    """A VEVENT: its lines as (name, parameters, value), without those of alarms inside."""

    def __init__(self, lines, home):
        self.lines, self.home = lines, home
        self.sequence = int(self.text("SEQUENCE") or 0)
        self.replaces = next((self.instant(*line[1:]) for line in lines if line[0] == "RECURRENCE-ID"), None)
        self.key = self.text("UID"), self.replaces

    def text(self, name):
        return next((value for found, _, value in self.lines if found == name), "")

    def instant(self, parameters, value):
        zone = parameters.get("TZID", self.home)
        return stamp(value) if value.endswith("Z") else to_utc(zone, stamp(value))

    def instants(self, name):
        """Return all the times that the lines of a name list."""
        lines = [line for line in self.lines if line[0] == name]
        return [self.instant(parameters, value) for _, parameters, values in lines for value in values.split(",")]

    def is_busy(self, address):
        own = [p for name, p, value in self.lines if name == "ATTENDEE" and value.lower() == f"mailto:{address}"]
        refused = any(parameters.get("PARTSTAT") == "DECLINED" for parameters in own)
        return not refused and self.text("STATUS") != "CANCELLED" and self.text("TRANSP") != "TRANSPARENT"

    def starts(self):
        """Return the local days and times of the rule, as datetimes."""
        start, rule = stamp(self.text("DTSTART")), dict(re.findall(r"(\w+)=([^;]+)", self.text("RRULE")))
        if not rule:
            return [start]
        days = itertools.takewhile(
            lambda day: day < datetime(2025, 6, 1), (start + timedelta(n) for n in itertools.count())
        )
        days = (day for day in days if falls_on(rule, start.date(), day.date()))
        if "COUNT" in rule:
            days = itertools.islice(days, int(rule["COUNT"]))
        if "UNTIL" in rule:
            parameters = next(p for name, p, _ in self.lines if name == "DTSTART")
            zone = parameters.get("TZID", self.home)
            days = (day for day in days if to_utc(zone, day) <= stamp(rule["UNTIL"]))
        return list(days)

    def bits(self, replaced):
        """Return the ticks of all occurrences but those that others replace."""
        [(parameters, value)] = [(p, v) for name, p, v in self.lines if name == "DTSTART"]
        if "T" not in value:
            end = stamp(self.text("DTEND")) if self.text("DTEND") else stamp(value) + timedelta(1)
            return ticks(to_utc(self.home, stamp(value)), to_utc(self.home, end))
        duration = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?", self.text("DURATION"))
        if duration:
            length = timedelta(hours=int(duration[1] or 0), minutes=int(duration[2] or 0))
        else:
            length = self.instants("DTEND")[0] - self.instant(parameters, value)
        zone = parameters.get("TZID", self.home)
        begins = {day if value.endswith("Z") else to_utc(zone, day) for day in self.starts()}
        begins = (begins | set(self.instants("RDATE"))) - set(self.instants("EXDATE")) - replaced
        mask = 0
        for begin in begins:
            mask |= ticks(begin, begin + length)
        return mask


def falls_on(rule, start, day):
    """Return whether a rule allows a day; its interval is counted from the start."""
    names, every = rule.get("BYDAY", "").split(","), int(rule.get("INTERVAL", 1))
    if rule["FREQ"] == "DAILY":
        return (day - start).days % every == 0
    if rule["FREQ"] == "WEEKLY":
        weeks = (day.toordinal() - 1) // 7 - (start.toordinal() - 1) // 7
        return weeks % every == 0 and DAYS[day.weekday()] in (names if names[0] else [DAYS[start.weekday()]])
    if names[0]:
        return f"-1{DAYS[day.weekday()]}" == names[0] and (day + timedelta(7)).month != day.month
    return day.day == start.day


def unfolded(data):
    """Return the lines of a calendar as (name, parameters, value)."""
    text = data.decode("utf-8").replace("\r\n ", "").replace("\r\n\t", "")
    found = []
    for line in text.split("\r\n"):
        head, value = re.fullmatch(r'((?:[^":]|"[^"]*")*):?(.*)', line, re.DOTALL).groups()
        name, *parameters = re.findall(r'(?:[^";]|"[^"]*")+', head) or [""]
        found.append((name, dict(p.partition("=")[::2] for p in parameters), value))
    return found


def events_of(lines):
    """Return the zone of a calendar, and the lines of each event without those of what is inside it."""
    home, events, depth = None, [], []
    for name, parameters, value in lines:
        if name == "BEGIN":
            depth.append(value)
            events += [[]] if value == "VEVENT" else []
        elif name == "END":
            depth.pop()
        elif name == "X-WR-TIMEZONE":
            home = value
        elif depth and depth[-1] == "VEVENT":
            events[-1].append((name, parameters, value))
    return home, events


def calendar(name, address=None):
    """Return the busy ticks of a calendar, and its zone."""
    home, events = events_of(unfolded((PLANNING / name).read_bytes()))
    newest = {event.key: event for event in sorted((Event(lines, home) for lines in events), key=lambda e: e.sequence)}
    mask = 0
    for event in newest.values():
        if event.is_busy(address):
            replaced = {when for uid, when in newest if when and uid == event.key[0]} if not event.replaces else set()
            mask |= event.bits(replaced)
    return mask, home
