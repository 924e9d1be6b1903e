"""Write the calendars and lists; every event of EVENTS but the plain ones is there for one rule.

    python3 generate.py

The same bytes each time; the agent never sees this file. Times are local to the calendar. They were found by trying:
each stands where reading its event in another way changes the best plan.
"""

from datetime import datetime, timedelta
from pathlib import Path

PLANNING = Path(__file__).resolve().parent / "environment" / "planning"
BERLIN, LONDON, NEW_YORK = "Europe/Berlin", "Europe/London", "America/New_York"
LAGOS = "W. Central Africa Standard Time"
RULES = {
    BERLIN: (
        ("STANDARD", "19701025T030000", "+0200", "+0100", "10;BYDAY=-1SU"),
        ("DAYLIGHT", "19700329T020000", "+0100", "+0200", "3;BYDAY=-1SU"),
    ),
    LONDON: (
        ("STANDARD", "19701025T020000", "+0100", "+0000", "10;BYDAY=-1SU"),
        ("DAYLIGHT", "19700329T010000", "+0000", "+0100", "3;BYDAY=-1SU"),
    ),
    NEW_YORK: (
        ("STANDARD", "20071104T020000", "-0400", "-0500", "11;BYDAY=1SU"),
        ("DAYLIGHT", "20070311T020000", "-0500", "-0400", "3;BYDAY=2SU"),
    ),
    LAGOS: (("STANDARD", "16010101T000000", "+0100", "+0100", ""),),
}
PEOPLE = {
    "anke": (BERLIN, "09:00", "17:00"),
    "bruno": (BERLIN, "08:00", "16:00"),
    "chidi": (LAGOS, "09:00", "17:00"),
    "dana": (NEW_YORK, "08:00", "16:00"),
    "ewan": (LONDON, "09:00", "17:30"),
    "fay": (BERLIN, "10:00", "18:00"),
}
ROOMS = {"aula": (14, "screen;video"), "bay": (8, "video"), "cove": (6, "screen")}
MEETINGS = """\
meeting,from,minutes,weight,required,optional,guests,equipment,after
budget,2025-03-27,60,3,anke;bruno,fay,0,,
harbour-call,2025-03-27,90,2,anke;dana,ewan,1,video,budget
fleet-review,2025-03-27,30,1,chidi;ewan,anke,0,,
dredging,2025-03-27,90,2,fay;chidi,bruno,0,,
crew-rota,2025-03-28,60,2,bruno;fay;chidi,,0,screen,
board-prep,2025-03-28,60,3,dana;ewan,bruno,2,video,
apprentices,2025-03-28,60,1,anke;ewan,,3,,crew-rota
drill-debrief,2025-03-31,120,1,anke;ewan;fay,chidi,4,screen,
insurance,2025-03-31,30,3,bruno;dana,fay,0,video,
noise-report,2025-03-31,60,2,chidi;bruno,anke,0,,drill-debrief
tide-tables,2025-04-01,60,1,ewan;fay,dana,0,,
berth-plan,2025-04-01,90,2,anke;chidi,,1,screen,
"""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def local(time):
    """Return a time as calendars write it."""
    return f"{time:%Y%m%dT%H%M%S}"


class Calendar:
    """One calendar: events are lines, and zones are added as they are named."""

    def __init__(self, owner, zone):
        self.owner, self.zone, self.zones, self.events = owner, zone, {zone}, []

    def at(self, time, zone=None, name="DTSTART"):
        """Return a property that is a local time."""
        self.zones.add(zone or self.zone)
        return f"{name};TZID={zone or self.zone}:{local(time)}"

    def add(self, uid, *lines, alarm=False):
        """Add an event."""
        body = [f"UID:{uid}@harbour.example", "DTSTAMP:20250320T080000Z", *lines]
        if alarm:
            body += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "REPEAT:2", "DURATION:PT5M", "END:VALARM"]
        self.events.append(["BEGIN:VEVENT", *body, "END:VEVENT"])

    def plain(self, uid, start, minutes, *lines, zone=None):
        """Add an event with a start and an end."""
        end = self.at(start + timedelta(minutes=minutes), zone, "DTEND")
        self.add(uid, self.at(start, zone), end, *lines)

    def text(self):
        """Return the file, folded after 75 bytes."""
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Harbour office//Calendar 4.2//EN"]
        lines += [f"X-WR-CALNAME:{self.owner}", f"X-WR-TIMEZONE:{self.zone}"]
        for zone in sorted(self.zones):
            lines += ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
            for kind, since, before, after, rule in RULES[zone]:
                lines += [f"BEGIN:{kind}", f"DTSTART:{since}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}"]
                lines += [f"RRULE:FREQ=YEARLY;BYMONTH={rule}"] if rule else []
                lines.append(f"END:{kind}")
            lines.append("END:VTIMEZONE")
        for event in self.events:
            lines += event
        lines.append("END:VCALENDAR")
        return "".join(fold(line) for line in lines)


def fold(line):
    """Return a line with its ends, broken as RFC 5545 asks."""
    data, out = line.encode(), []
    while data:
        size = 75 - bool(out)
        while size < len(data) and data[size] & 0xC0 == 0x80:
            size -= 1
        out.append(data[:size])
        data = data[size:]
    return "\r\n ".join(piece.decode() for piece in out) + "\r\n"


def weeks(start, count):
    """Return a time some weeks away."""
    return start + timedelta(weeks=count)


def day_of(start):
    """Return the two letters of a day of the week."""
    return WEEKDAYS[start.weekday()]


def declined(cal, uid, start):
    """The owner said no; the line that says so is folded."""
    people = [f'ATTENDEE;CN="{name}: crew";PARTSTAT=ACCEPTED:mailto:{name}@harbour.example' for name in ("gus", "ines")]
    mine = f'ATTENDEE;CN="{cal.owner}: office";ROLE=REQ-PARTICIPANT;RSVP=TRUE;PARTSTAT=DECLINED'
    mine += f":mailto:{cal.owner}@harbour.example"
    cal.plain(uid, start, 120, "SUMMARY:Works council", *people, mine)


def accepted(cal, uid, start):
    """Somebody else said no."""
    other = "ATTENDEE;PARTSTAT=DECLINED:mailto:gus@harbour.example"
    mine = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{cal.owner}@harbour.example"
    cal.plain(uid, start, 90, "SUMMARY:Safety walk", other, mine)


def every_second_week(cal, uid, start):
    """Seems to recur in the week, and pauses in it."""
    cal.plain(uid, weeks(start, -9), 90, f"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY={day_of(start)}", "SUMMARY:Pilots")


def excluded(cal, uid, start):
    """Falls out on this day: the second of two values, in UTC."""
    gone = [when - timedelta(hours=utc_offset(cal.zone, when)) for when in (weeks(start, -3), start)]
    exdate = f"EXDATE:{local(gone[0])}Z,{local(gone[1])}Z"
    cal.plain(uid, weeks(start, -10), 120, "RRULE:FREQ=WEEKLY", exdate, "SUMMARY:Desk")


def moved(cal, uid, start, other):
    """One occurrence moved to another time."""
    cal.plain(uid, weeks(start, -8), 90, "RRULE:FREQ=WEEKLY", "SUMMARY:Yard round")
    cal.plain(uid, other, 90, cal.at(start, name="RECURRENCE-ID"), "SEQUENCE:1", "SUMMARY:Yard round (moved)")


def moved_in(cal, uid, start):
    """An occurrence of a week that nobody plans moved into this one."""
    far = datetime(2025, 4, 10, 9)
    cal.plain(uid, weeks(far, -4), 90, "RRULE:FREQ=WEEKLY;INTERVAL=4;COUNT=6", "SUMMARY:Statistics")
    cal.plain(uid, start, 90, cal.at(far, name="RECURRENCE-ID"), "SUMMARY:Statistics")


def occurrence_off(cal, uid, start):
    """One occurrence was cancelled."""
    cal.plain(uid, weeks(start, -5), 120, "RRULE:FREQ=WEEKLY;COUNT=30", "SUMMARY:Language course")
    cal.plain(uid, start, 120, cal.at(start, name="RECURRENCE-ID"), "STATUS:CANCELLED", "SUMMARY:Language course")


def counted(cal, uid, start):
    """Ends the day before: what is excluded counts."""
    first = start - timedelta(days=7)
    gone = [first + timedelta(days=n) for n in (1, 2)]
    exdates = [cal.at(day, name="EXDATE") for day in gone]
    cal.plain(uid, first, 90, "RRULE:FREQ=DAILY;COUNT=7", *exdates, "SUMMARY:Training")


def until(cal, uid, start, last=True):
    """Ends with this very occurrence, or a week before."""
    final = start if last else weeks(start, -1)
    final -= timedelta(hours=utc_offset(cal.zone, final))
    cal.plain(uid, weeks(start, -6), 120, f"RRULE:FREQ=WEEKLY;UNTIL={local(final)}Z", "SUMMARY:Interviews")


def extra_day(cal, uid, start):
    """A series with a day besides."""
    rdate = cal.at(start, name="RDATE")
    cal.plain(uid, datetime(2025, 1, 8, 9), 120, "RRULE:FREQ=MONTHLY;COUNT=12", rdate, "SUMMARY:Audit")


def two_versions(cal, uid, start, other):
    """The newer version comes first in the file."""
    cal.plain(uid, start, 120, "SEQUENCE:3", "SUMMARY:Customs")
    cal.plain(uid, other, 120, "SEQUENCE:1", "SUMMARY:Customs")


def length_alone(cal, uid, start):
    """A duration for an end, and an alarm that has one too."""
    cal.add(uid, cal.at(start), "DURATION:PT2H30M", "SUMMARY:Dentist", alarm=True)


def whole_day(cal, uid, start, end=True):
    """A day off; the end is the day behind it."""
    lines = [f"DTSTART;VALUE=DATE:{start:%Y%m%d}"]
    lines += [f"DTEND;VALUE=DATE:{start + timedelta(days=1):%Y%m%d}"] if end else []
    cal.add(uid, *lines, "SUMMARY:Leave")


def floating(cal, uid, start):
    """No zone: the calendar's own."""
    cal.add(uid, f"DTSTART:{local(start)}", f"DTEND:{local(start + timedelta(minutes=90))}", "SUMMARY:Mosque")


def two_days(cal, uid, start):
    """Twice a week."""
    first = start + timedelta(days=2)
    days = ",".join(sorted((day_of(start), day_of(first)), key=WEEKDAYS.index))
    cal.plain(uid, weeks(first, -7), 90, f"RRULE:FREQ=WEEKLY;BYDAY={days}", "SUMMARY:Lab")


def last_of_month(cal, uid, start):
    """The last such day of the month."""
    first = datetime(2025, 1, 31, start.hour, start.minute)
    cal.plain(uid, first, 150, "RRULE:FREQ=MONTHLY;BYDAY=-1FR", "SUMMARY:Closing")


def series(cal, uid, start, zone=None):
    """Began in winter and keeps its local time."""
    cal.plain(uid, weeks(start, -11), 90, "RRULE:FREQ=WEEKLY", "SUMMARY:Stand-up", zone=zone)


def utc_offset(zone, time):
    """Return the hours that a zone is ahead of UTC at a local time of 2025."""
    summer = {BERLIN: (330, 1026), LONDON: (330, 1026), NEW_YORK: (309, 1102)}.get(zone, (1300, 1300))
    return {BERLIN: 1, LONDON: 0, NEW_YORK: -5, LAGOS: 1}[zone] + (summer[0] <= time.month * 100 + time.day < summer[1])


EVENTS = {
    "a-cancelled": ("anke", lambda c, u, s: c.plain(u, s, 120, "STATUS:CANCELLED", "SUMMARY:Visit"), 1),
    "a-second-week": ("anke", every_second_week, 1),
    "a-excluded": ("anke", excluded, 1),
    "a-length": ("anke", length_alone, 1),
    "b-transparent": ("bruno", lambda c, u, s: c.plain(u, s, 180, "TRANSP:TRANSPARENT", "SUMMARY:On call"), 1),
    "b-moved": ("bruno", moved, 2),
    "b-counted": ("bruno", counted, 1),
    "c-series": ("chidi", series, 1),
    "c-floating": ("chidi", floating, 1),
    "c-until": ("chidi", until, 1),
    "c-ended": ("chidi", lambda c, u, s: until(c, u, s, last=False), 1),
    "d-series": ("dana", series, 1),
    "d-leave": ("dana", lambda c, u, s: whole_day(c, u, s, end=False), 1),
    "d-declined": ("dana", declined, 1),
    "d-accepted": ("dana", accepted, 1),
    "e-extra": ("ewan", extra_day, 1),
    "e-versions": ("ewan", two_versions, 2),
    "e-tentative": ("ewan", lambda c, u, s: c.plain(u, s, 90, "STATUS:TENTATIVE", "SUMMARY:Lunch?"), 1),
    "e-leave": ("ewan", whole_day, 1),
    "f-month": ("fay", last_of_month, 1),
    "f-two-days": ("fay", two_days, 1),
    "f-moved-in": ("fay", moved_in, 1),
    "f-off": ("fay", occurrence_off, 1),
    "f-london": ("fay", lambda c, u, s: series(c, u, s, LONDON), 1),
    "a-plain": ("anke", lambda c, u, s: c.plain(u, s, 120, "SUMMARY:Letters"), 1),
    "a-plain2": ("anke", lambda c, u, s: c.plain(u, s, 90, "SUMMARY:Port tour"), 1),
    "b-plain": ("bruno", lambda c, u, s: c.plain(u, s, 150, "SUMMARY:Crane check"), 1),
    "b-plain2": ("bruno", lambda c, u, s: c.plain(u, s, 90, "SUMMARY:Deliveries"), 1),
    "c-plain": ("chidi", lambda c, u, s: c.plain(u, s, 120, "SUMMARY:Flight"), 1),
    "d-plain": ("dana", lambda c, u, s: c.plain(u, s, 120, "SUMMARY:Lawyers"), 1),
    "d-plain2": ("dana", lambda c, u, s: c.plain(u, s, 90, "SUMMARY:Budget\\, draft"), 1),
    "e-plain": ("ewan", lambda c, u, s: c.plain(u, s, 120, "SUMMARY:Soundings"), 1),
    "f-plain": ("fay", lambda c, u, s: c.plain(u, s, 120, "SUMMARY:Tides"), 1),
    "aula-early": ("aula", lambda c, u, s: c.plain(u, s, 115, "SUMMARY:Choir"), 1),
    "aula-series": ("aula", lambda c, u, s: c.plain(u, weeks(s, -4), 110, "RRULE:FREQ=WEEKLY", "SUMMARY:Yoga"), 1),
    "bay-held": ("bay", lambda c, u, s: c.plain(u, s, 85, "STATUS:TENTATIVE", "SUMMARY:Held"), 1),
    "bay-plain": ("bay", lambda c, u, s: c.plain(u, s, 175, "SUMMARY:Tenants"), 1),
    "cove-plain": ("cove", lambda c, u, s: c.plain(u, s, 145, "SUMMARY:Painter"), 1),
    "cove-off": ("cove", occurrence_off, 1),
}
"""Name → calendar, what adds it, and how many times it takes."""

PLACED = {
    "a-cancelled": ("2025-03-27T08:30",),
    "a-second-week": ("2025-03-27T10:00",),
    "a-excluded": ("2025-04-01T10:00",),
    "a-length": ("2025-04-02T10:00",),
    "b-transparent": ("2025-03-27T08:00",),
    "b-moved": (
        "2025-04-01T14:30",
        "2025-03-31T16:00",
    ),
    "b-counted": ("2025-03-31T15:00",),
    "c-series": ("2025-03-27T08:30",),
    "c-floating": ("2025-03-28T10:30",),
    "c-until": ("2025-03-28T12:30",),
    "c-ended": ("2025-03-27T09:30",),
    "d-series": ("2025-03-28T10:30",),
    "d-leave": ("2025-03-28T00:00",),
    "d-declined": ("2025-03-27T09:30",),
    "d-accepted": ("2025-03-27T07:00",),
    "e-extra": ("2025-03-31T15:00",),
    "e-versions": (
        "2025-03-27T10:00",
        "2025-03-27T11:00",
    ),
    "e-tentative": ("2025-03-31T13:30",),
    "e-leave": ("2025-04-01T00:00",),
    "f-month": ("2025-03-28T11:30",),
    "f-two-days": ("2025-03-27T11:00",),
    "f-moved-in": ("2025-04-02T10:00",),
    "f-off": ("2025-04-01T13:30",),
    "f-london": ("2025-03-28T15:30",),
    "a-plain": ("2025-03-28T13:00",),
    "a-plain2": ("2025-04-01T12:00",),
    "b-plain": ("2025-03-27T07:30",),
    "b-plain2": ("2025-04-01T16:00",),
    "c-plain": ("2025-03-31T08:30",),
    "d-plain": ("2025-03-31T15:30",),
    "d-plain2": ("2025-03-31T09:00",),
    "e-plain": ("2025-04-02T13:00",),
    "f-plain": ("2025-03-27T09:30",),
    "aula-early": ("2025-03-31T08:30",),
    "aula-series": ("2025-03-27T11:30",),
    "bay-held": ("2025-03-28T16:00",),
    "bay-plain": ("2025-04-01T13:00",),
    "cove-plain": ("2025-04-01T14:00",),
    "cove-off": ("2025-03-27T09:00",),
}
"""Name → when; local times of the calendar, or of the zone that the event names."""


def build(placed):
    """Return path → text of everything that the planner is given."""
    calendars = {name: Calendar(name, zone) for name, (zone, _, _) in PEOPLE.items()}
    calendars |= {name: Calendar(name, BERLIN) for name in ROOMS}
    for number, (name, (owner, add, _)) in enumerate(EVENTS.items(), 4100):
        add(calendars[owner], number * 7919 % 100_000, *(datetime.fromisoformat(time) for time in placed[name]))
    files = {f"{'people' if name in PEOPLE else 'rooms'}/{name}.ics": cal.text() for name, cal in calendars.items()}
    rows = [f"{name},{name}@harbour.example,{start},{end}" for name, (_, start, end) in PEOPLE.items()]
    files["people.csv"] = "\n".join(["person,address,from,to", *rows, ""])
    rows = [f"{name},{seats},{equipment}" for name, (seats, equipment) in ROOMS.items()]
    files["rooms.csv"] = "\n".join(["room,seats,equipment", *rows, ""])
    files["meetings.csv"] = MEETINGS
    return files


def main():
    for name, text in build(PLACED).items():
        path = PLANNING / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
