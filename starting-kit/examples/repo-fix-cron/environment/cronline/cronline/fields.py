"""Read the five fields of a cron expression."""

from dataclasses import dataclass

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()


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
        if text in self.names:
            return self.names.index(text)
        if not text.isdigit():
            raise CronError(f"{self.name}: {text!r} is no number")
        return int(text)

    def part(self, text):
        """Return the values of one part of a list: ``*``, ``5``, ``1-5``, each perhaps with ``/step``."""
        span, _, step = text.partition("/")
        if span == "*":
            first, last = self.low, self.high
        elif "-" in span:
            first, last = (self.number(word) for word in span.split("-"))
        else:
            first = last = self.number(span)
        return range(first, last, int(step or 1))

    def values(self, text):
        """Return the set of values that a field allows."""
        found = set()
        for part in text.split(","):
            found.update(self.part(part))
        return found


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of month", 1, 31),
    Field("month", 1, 12, tuple(MONTHS)),
    Field("day of week", 0, 6, tuple(DAYS)),
)


def read_fields(expression):
    """Return the five sets of values of an expression."""
    words = expression.split()
    if len(words) != len(FIELDS):
        raise CronError(f"{expression!r} has {len(words)} fields, not {len(FIELDS)}")
    return [field.values(word) for field, word in zip(FIELDS, words)]
