"""Write spans and their length."""

from spans.working import merge


def clock(minute):
    """Return a minute of the day as a time."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def show(spans):
    """Return the spans as a text."""
    if not spans:
        return "closed"
    return ", ".join(f"{clock(start)}-{clock(end)}" for start, end in spans)


def total(spans):
    """Return the hours that the spans cover."""
    covered = sum(end - start for start, end in merge(spans))
    hundredths = (200 * covered + 60) // 120
    return f"{hundredths // 100}.{hundredths % 100:02d} h"
