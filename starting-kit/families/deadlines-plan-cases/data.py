"""The cases of half a year with odd times of receipt, and holidays at awkward places."""

from datetime import date, datetime, timedelta

OWNERS = ("Amara", "Bo", "Chen", "Dara", "Edo")
FIRST = date(2025, 1, 2)
OFF = {"weekend": {5, 6}, "friday-saturday": {4, 5}, "sunday": {6}}

RECEIPT = {"iso": "%Y-%m-%d %H:%M", "dotted": "%d.%m.%Y %H:%M Uhr", "english": "%I:%M %p on %B %d %Y"}


def near_month_end(random):
    """Return one of the days around the end of a month."""
    return date(2025, random.randrange(2, 14) % 12 + 1, 1) + timedelta(days=random.randrange(-8, 3))


def holidays(off, kind, random):
    """Return the lines of the list: days off, some on days that are free anyway, some next to each other."""
    days = {FIRST + timedelta(days=random.randrange(420)) for _ in range(16)}
    free = [FIRST + timedelta(days=n) for n in range(400) if (FIRST + timedelta(days=n)).weekday() in off]
    days |= set(random.sample(free, 9))
    days |= {near_month_end(random) for _ in range(18)}
    for day in random.sample(sorted(days), 4):
        days.add(day + timedelta(days=1))
    if kind == "bridges":  # days off with one working day in between
        days |= {day - timedelta(days=2) for day in random.sample(free, 12)}
    if kind == "yearly":
        return sorted({f"{day:%m-%d}" for day in days if f"{day:%m-%d}" != "02-29"})
    return sorted(f"{day:%Y-%m-%d}" for day in days)


def make(values, random):
    """Return the hour of the cutoff, and the files."""
    off = OFF[values["week"]]
    cutoff = random.choice([12, 14, 15, 16])
    cases, ids = [], [f"K{number}" for number in random.sample(range(100, 999), 46)]
    at_month_end = values["term"] == "month-end"
    days = [near_month_end(random) if at_month_end else FIRST + timedelta(days=random.randrange(170)) for _ in ids]
    received = sorted(days)
    for place, (name, day) in enumerate(zip(ids, received, strict=True)):
        hour = random.choice([cutoff, cutoff - 1, cutoff, random.randrange(7, 20)])
        minute = random.choice([0, 0, 59, random.randrange(60)])
        when = datetime(day.year, day.month, day.day, hour, minute)
        term = random.randrange(1, 4) if at_month_end else random.randrange(1, 24)
        earlier = ids[max(0, place - 7) : place]
        after = random.sample(earlier, min(len(earlier), random.choice([0, 0, 1, 2])))
        cases.append([name, random.choice(OWNERS), f"{when:{RECEIPT[values['receipt']]}}", str(term), " ".join(after)])
    random.shuffle(cases)
    column = "months" if at_month_end else "days"
    lines = [f"case,owner,received,{column},after", *map(",".join, cases)]
    days_off = holidays(off, values["holidays"], random)
    words = {"cutoff": cutoff, "column": column}
    return words, {
        "environment/office/cases.csv": "\n".join(lines) + "\n",
        "environment/office/holidays.txt": "\n".join(days_off) + "\n",
    }
