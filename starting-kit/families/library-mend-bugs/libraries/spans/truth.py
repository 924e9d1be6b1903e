"""What spans should do, minute by minute; and calls to try it with."""

ERROR = "SpanError"


class Wrong(Exception):
    """The library should raise its error."""


def time_of(text, is_end):
    hour, colon, minute = text.strip().partition(":")
    digits = set(hour + minute) <= set("0123456789") and len(hour) in (1, 2) and len(minute) == 2 and colon
    if not digits or int(minute) >= 60 or int(hour) > 24 or (int(hour) == 24 and not (is_end and minute == "00")):
        raise Wrong
    return int(hour) * 60 + int(minute)


def parse(text):
    found = []
    for part in text.split(",") if text.strip() else []:
        times = part.split("-")
        if len(times) != 2:
            raise Wrong
        found.append([time_of(times[0], False), time_of(times[1], True)])
        if not found[-1][0] < found[-1][1]:
            raise Wrong
    return found


def covered(spans):
    return {minute for start, end in spans for minute in range(start, end)}


def runs(minutes):
    starts = sorted(minute for minute in minutes if minute - 1 not in minutes)
    ends = sorted(minute + 1 for minute in minutes if minute + 1 not in minutes)
    return [list(pair) for pair in zip(starts, ends)]


def merge(spans):
    return runs(covered(spans))


def free(day, busy):
    # Parts of the day are joined where they touch, and nothing is busy for no time: runs of free minutes are the gaps.
    return runs(covered(day) - covered(busy))


def longest(spans):
    return min(spans, key=lambda span: (span[0] - span[1], span[0])) if spans else None


def show(spans):
    words = ["-".join("%02d:%02d" % divmod(minute, 60) for minute in span) for span in spans]
    return ", ".join(words) or "closed"


def total(spans):
    whole, rest = divmod(len(covered(spans)) * 100, 60)
    rounded = whole + (rest >= 30)
    return f"{rounded // 100}.{rounded % 100:02d} h"


def cases(random):
    def span():
        start = random.randrange(0, 1430, random.choice([1, 5, 30]))
        return [start, min(1440, start + random.choice([5, 7, 30, 60, 60, 125, 240]))]

    def several(most=6):
        found = [span() for _ in range(random.randrange(most))]
        for one in found[:2]:
            if one[1] < 1400 and random.random() < 0.6:
                found.append([one[1], one[1] + random.choice([30, 60])])
        random.shuffle(found)
        return found

    def text():
        def time(minute):
            return f"{minute // 60:{random.choice(['02d', 'd'])}}:{minute % 60:02d}"

        gap = random.choice(["", " ", "  "])
        spans = [f"{time(a)}{gap}-{gap}{time(b)}" for a, b in several(4)]
        return (gap + ",").join(spans + [random.choice(odd)] * (random.random() < 0.45))

    odd = [
        "9-10",
        "10:00-24:00",
        "24:00-24:00",
        "11:60-13:00",
        "8:00-7:59",
        "9:00-9:00",
        "23:00-24:01",
        "9:00-10:75",
        "1:0-2:00",
    ]
    odd += ["-", "9:00", "9:00-10:00-11:00", "٩:00-10:00", "20:30 -24:00", "23:59-24:00"]
    found = (
        [["parse", [text()]] for _ in range(70)]
        + [["parse", [one]] for one in odd]
        + [["parse", [" "]], ["show", [[]]], ["longest", [[]]], ["total", [[]]]]
    )
    for name in ("merge", "longest", "show", "total"):
        found += [[name, [several()]] for _ in range(30)]
    found += [["free", [several(4), several()]] for _ in range(40)]
    return found
