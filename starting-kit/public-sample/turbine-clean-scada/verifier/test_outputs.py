"""Compare the report with what the rules of the prompt give on the pristine exports, in fractions."""

import csv
import os
import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
FARM = Path("/srv/windfarm")
BEGIN = datetime(2024, 10, 25, 22, tzinfo=timezone.utc)
INTERVALS = range(438)
NAMES = (
    "turbine,nodata,external,service,fault,availability_pct,energy_kwh,lost_own_kwh,lost_external_kwh".split(","),
    "turbine,begin,intervals".split(","),
)
COUNTS = slice(0, 4)
NUMBER = re.compile(r"\d{1,9}(\.\d{1,20})?")


def rows(name, delimiter=","):
    """Return a file of the wind farm as a list of dicts."""
    with (FARM / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


FLEET = {row["turbine"]: row for row in rows("fleet.csv")}
CODES = {row["code"]: row for row in rows("status_codes.csv")}


def clock_set_back(lines):
    """Return the record from which on the clock was on UTC+1: the only place that leaves two orders of time."""
    records = sorted({(int(line["rec"]), wall(line)) for line in lines})

    def grows(part):
        return all(before[1] < after[1] for before, after in zip(part, part[1:]))

    splits = [records[i][0] for i in range(1, len(records)) if grows(records[:i]) and grows(records[i:])]
    assert len(splits) == 1, "the exports leave no doubt"
    return splits[0]


def wall(line):
    """Return a local stamp in an order that text has, too."""
    day, month, year = line["stamp"][:10].split(".")
    return f"{year}-{month}-{day}T{line['stamp'][11:]}"


@cache
def exported(turbine):
    """Return interval → row of the period."""
    unit = FLEET[turbine]
    if unit["clock"] == "utc":
        lines = rows(f"scada/{turbine}.csv")
        stamps = [line["stamp"].replace("Z", "+00:00") for line in lines]
    else:
        lines = rows(f"scada/{turbine}.csv", ";")
        change = clock_set_back(lines)
        stamps = [f"{wall(line)}+0{1 if int(line['rec']) >= change else 2}:00" for line in lines]
    found = {}
    for stamp, line in zip(stamps, lines):
        minutes = int((datetime.fromisoformat(stamp) - BEGIN).total_seconds()) // 60
        minutes -= 10 if unit["stamp"] == "end" else 0
        if minutes % 10 == 0 and minutes // 10 in INTERVALS:
            found[minutes // 10] = line
    return found


def value(turbine, text, low, high):
    """Return a number within its limits, or None."""
    comma = "," if FLEET[turbine]["clock"] == "local" else "."
    whole, _, part = text.removeprefix("-").partition(comma)
    plain = whole.isdecimal() and (part.isdecimal() or comma not in text)
    number = Fraction(text.replace(",", ".")) if plain else None
    return number if number is not None and low <= number <= high else None


@cache
def measured(turbine):
    """Return interval → wind, before stuck ones are taken out."""
    winds = {at: value(turbine, row["wind_ms"], 0, 40) for at, row in exported(turbine).items()}
    return {at: wind for at, wind in winds.items() if wind is not None}


@cache
def stuck(turbine):
    """Return first interval → length of each stuck run."""
    winds, found = measured(turbine), {}
    for at in INTERVALS:
        if at in winds and winds.get(at - 1) != winds[at]:
            length = 1
            while winds.get(at + length) == winds[at]:
                length += 1
            if length >= 6:
                found[at] = length
    return found


def own_wind(turbine, at):
    """Return the valid wind that a turbine has itself, or None."""
    if any(first <= at < first + length for first, length in stuck(turbine).items()):
        return None
    return measured(turbine).get(at)


def wind(turbine, at):
    """Return the wind of an interval, or None."""
    own = own_wind(turbine, at)
    if own is not None:
        return own
    others = [found for found in (own_wind(other, at) for other in FLEET if other != turbine) if found is not None]
    return sum(others) / len(others) if others else None


def power(turbine, at):
    """Return the power of an interval, 0 without one."""
    row, rated = exported(turbine).get(at), Fraction(FLEET[turbine]["rated_kw"])
    if row is None:
        return 0
    return value(turbine, row["power_kw"], -rated / 50, rated * 21 / 20) or 0


def curve(turbine, speed):
    """Return the power that a turbine should have at a wind."""
    line = [(Fraction(row["wind_ms"]), Fraction(row[FLEET[turbine]["type"]])) for row in rows("power_curves.csv")]
    if not line[0][0] <= speed <= line[-1][0]:
        return 0
    right = next(i for i, point in enumerate(line) if point[0] >= speed)
    (x0, y0), (x1, y1) = line[max(right, 1) - 1], line[max(right, 1)]
    return y0 + (y1 - y0) * (speed - x0) / (x1 - x0)


def kind(turbine, at):
    """Return the class of an interval."""
    there = exported(turbine)
    if at in there:
        codes = [CODES[code] for code in there[at]["status"].split("/") if code in CODES]
        return min(codes, key=lambda code: int(code["rank"]))["class"] if codes else "fault"
    first = last = at
    while first - 1 in INTERVALS and first - 1 not in there:
        first -= 1
    while last + 1 in INTERVALS and last + 1 not in there:
        last += 1
    return kind(turbine, first - 1) if first > 0 and last - first < 3 else "nodata"


@cache
def expected(turbine):
    """Return what stands behind a turbine's name: four counts, then four numbers."""
    kinds = [kind(turbine, at) for at in INTERVALS]
    lost = {"service": 0, "fault": 0, "external": 0}
    for at, group in enumerate(kinds):
        speed = wind(turbine, at)
        if group in lost and speed is not None:
            lost[group] += max(Fraction(0), curve(turbine, speed) - power(turbine, at)) / 6
    counts = [kinds.count(group) for group in ("nodata", "external", "service", "fault")]
    up = kinds.count("run") + kinds.count("ready")
    share = Fraction(100 * up, len(kinds) - counts[0] - counts[1])
    energy = sum(Fraction(power(turbine, at)) for at in INTERVALS) / 6
    return [*counts, share, energy, lost["service"] + lost["fault"], lost["external"]]


def written(name, header):
    """Return the lines that the agent wrote, each as a list of values."""
    path = WORKSPACE / name
    assert path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 50_000, f"{path} is far too long"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    table = [[cell.strip() for cell in line.split(",")] for line in lines]
    assert table[:1] == [header], f"{path}: the header must be {','.join(header)}"
    assert all(len(line) == len(header) for line in table), f"{path}: a line has more or fewer values"
    return table[1:]


@pytest.fixture(scope="module")
def report():
    lines = written("availability.csv", NAMES[0])
    assert sorted(line[0] for line in lines) == sorted(FLEET), "a line per turbine, and no other"
    assert all(NUMBER.fullmatch(cell) for line in lines for cell in line[1:]), "a number is digits and a point"
    return {line[0]: [Fraction(cell) for cell in line[1:]] for line in lines}


@pytest.mark.parametrize("turbine", FLEET)
def test_counts(report, turbine):
    assert report[turbine][COUNTS] == expected(turbine)[COUNTS]


@pytest.mark.parametrize("column", range(4, 8), ids=NAMES[0][5:])
@pytest.mark.parametrize("turbine", FLEET)
def test_number(report, turbine, column):
    assert abs(report[turbine][column] - expected(turbine)[column]) <= Fraction("0.0100001")


def test_stuck_runs():
    runs = [
        [turbine, f"{BEGIN + timedelta(minutes=10 * first):%Y-%m-%dT%H:%MZ}", str(length)]
        for turbine in FLEET
        for first, length in stuck(turbine).items()
    ]
    assert sorted(written("stuck.csv", NAMES[1])) == sorted(runs)
