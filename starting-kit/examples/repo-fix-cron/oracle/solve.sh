#!/bin/bash
set -euo pipefail
cd /root/cronline
cat cronline/fields.py cronline/schedule.py tests/test_schedule.py
python3 -m pytest -q -p no:cacheprovider tests || true

cat > cronline/fields.py <<'PY'
"""Read the five fields of a cron expression."""

import re
from dataclasses import dataclass

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
PART = re.compile(r"(?:(\*)|([0-9]+|[a-z]+)(?:-([0-9]+|[a-z]+))?)(?:/([0-9]+))?", re.IGNORECASE)


class CronError(ValueError):
    """An expression that cannot be read."""


@dataclass(frozen=True)
class Field:
    """One field: its bounds, and the names that stand for numbers from the first bound on."""

    name: str
    low: int
    high: int
    names: tuple = ()

    def number(self, text):
        """Return the number that a word of the field stands for."""
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        largest = 7 if self.name == "day of week" else self.high
        if text.isdigit() and self.low <= int(text[-9:]) <= largest and not text[:-9].strip("0"):
            return int(text)
        raise CronError(f"{self.name}: {text!r} is not in {self.low} to {largest}")

    def part(self, text):
        """Return the values of one part of a list: ``*``, ``5``, ``1-5``, each perhaps with ``/step``."""
        match = PART.fullmatch(text)
        if match is None:
            raise CronError(f"{self.name}: {text!r} cannot be read")
        star, start, end, step = match.groups()
        if step is not None and not step.strip("0"):
            raise CronError(f"{self.name}: the step of {text!r} is 0")
        if star:
            first, last = self.low, self.high
        else:
            first = self.number(start)
            last = self.number(end) if end else self.high if step else first
        if first > last:
            raise CronError(f"{self.name}: {text!r} goes from more to less")
        return range(first, last + 1, int((step or "1")[-9:]) if not (step or "1")[:-9].strip("0") else 10**9)

    def values(self, text):
        """Return the set of values that a field allows."""
        return {value for part in text.split(",") for value in self.part(part)}


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of month", 1, 31),
    Field("month", 1, 12, tuple(MONTHS)),
    Field("day of week", 0, 6, tuple(DAYS)),
)


@dataclass(frozen=True)
class Expression:
    """What an expression allows; ``either_day`` where one of both days is enough."""

    minutes: tuple
    hours: tuple
    days: frozenset
    months: frozenset
    weekdays: frozenset
    either_day: bool


def read_expression(expression):
    """Return what an expression allows."""
    words = expression.split()
    if len(words) != len(FIELDS):
        raise CronError(f"{expression!r} has {len(words)} fields, not {len(FIELDS)}")
    minutes, hours, days, months, weekdays = (field.values(word) for field, word in zip(FIELDS, words))
    return Expression(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not words[2].startswith("*") and not words[4].startswith("*"),
    )
PY

cat > cronline/schedule.py <<'PY'
"""Find the times at which an expression runs."""

from datetime import datetime, time, timedelta

from cronline.fields import read_expression

CYCLE_DAYS = 146097
"""After 400 years days of the month and of the week fall together again."""


def runs_on(allowed, day):
    """Return whether an expression runs on a day."""
    if day.month not in allowed.months:
        return False
    fits = day.day in allowed.days, day.isoweekday() % 7 in allowed.weekdays
    return any(fits) if allowed.either_day else all(fits)


def next_run(expression, after):
    """Return the first time after ``after`` at which an expression runs, or None."""
    allowed = read_expression(expression)
    first = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    day, earliest = first.date(), (first.hour, first.minute)
    for _ in range(CYCLE_DAYS + 1):
        if runs_on(allowed, day):
            for hour in allowed.hours:
                for minute in allowed.minutes:
                    if (hour, minute) >= earliest:
                        return datetime.combine(day, time(hour, minute))
        day, earliest = day + timedelta(days=1), (0, 0)
    return None


def runs(expression, after, count):
    """Return the next ``count`` times at which an expression runs."""
    found = []
    while len(found) < count:
        after = next_run(expression, after)
        if after is None:
            break
        found.append(after)
    return found
PY

python3 -m pytest -q -p no:cacheprovider tests
python3 -c 'from cronline import *; from datetime import datetime as d; print(runs("0 0 29 2 *", d(2096, 3, 1), 3))'
