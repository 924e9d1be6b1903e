"""Find the times at which an expression runs."""

from datetime import datetime, time, timedelta

from cronline.fields import read_fields

DAY = timedelta(days=1)
HORIZON_DAYS = 366


def next_run(expression, after):
    """Return the first time after ``after`` at which an expression runs, or None."""
    minutes, hours, days, months, weekdays = read_fields(expression)
    day = after.date()
    for _ in range(HORIZON_DAYS):
        if day.day in days and day.month in months and day.weekday() in weekdays:
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    found = datetime.combine(day, time(hour, minute))
                    if found >= after:
                        return found
        day += DAY
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
