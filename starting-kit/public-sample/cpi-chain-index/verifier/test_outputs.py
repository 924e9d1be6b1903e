"""Compare the published index with one that is worked out from the verifier's own copy of the sheets.

Prices are never imputed here: a price that follows a gap is compared with the last one seen, less what the group did in
between, which is the same. Logarithms have 40 digits, and rates are whole numbers divided.
"""

import csv
import os
import re
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import pytest

getcontext().prec = 40
PUBLISHED = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "cpi.csv"
DATA = Path(__file__).parent / "data"
GIVEN = Path("/srv/prices")
MONTHS = [f"{2023 + number // 12}-{number % 12 + 1:02d}" for number in range(11, 36)]
GROUPS = ["01.1.1", "01.1.5", "03.1.2", "04.5.4", "07.2.2", "09.5.2"]
PER = {"g": Decimal(1000), "ml": Decimal(1000), "kg": Decimal(1), "l": Decimal(1), "piece": Decimal(1)}


def rows(path):
    """Return the rows of one of the office's files."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sightings():
    """Return quote → [(number of the month, logarithm of the unit price, whether its code is N)] where it was seen."""
    last = {}
    for number, month in enumerate(MONTHS):
        for row in rows(DATA / "sheets" / f"{month}.csv"):
            last[row["quote"], number] = row
    found = {}
    for quote, pairs in groupby(sorted(last), key=lambda key: key[0]):
        kept = [(number, last[quote, number]) for _, number in pairs if last[quote, number]["code"] not in ("M", "E")]
        found[kept[0][1]["group"], quote] = [
            (number, (Decimal(row["price"]) * PER[row["unit"]] / Decimal(row["size"])).ln(), row["code"] == "N")
            for number, row in kept
        ]
    return found


def group_levels(seen):
    """Return group → the logarithm of its index ÷ 100, month by month."""
    levels = {group: [Decimal(0)] for group in GROUPS}
    for number in range(1, len(MONTHS)):
        for group, level in levels.items():
            moves = []
            for (owner, _), prices in seen.items():
                places = [place for place, price in enumerate(prices) if price[0] == number]
                if owner != group or not places or places[0] == 0 or prices[places[0]][2]:
                    continue
                (then, old, _), (_, new, _) = prices[places[0] - 1], prices[places[0]]
                if number - then <= 4:
                    moves.append(new - old - (level[number - 1] - level[then]))
            level.append(level[-1] + (sum(moves) / len(moves) if moves else 0))
    return levels


def indices():
    """Return (month, group) → index, not rounded."""
    levels = group_levels(sightings())
    found = {(month, group): 100 * levels[group][place].exp() for group in GROUPS for place, month in enumerate(MONTHS)}
    weights = rows(DATA / "weights.csv")
    link = {2023: Decimal(100)}
    found["2023-12", "all"] = link[2023]
    for month in MONTHS[1:]:
        year = int(month[:4])
        shares = [(Decimal(row[str(year)]), row["group"]) for row in weights]
        mean = sum(w * found[month, g] / found[f"{year - 1}-12", g] for w, g in shares) / sum(w for w, _ in shares)
        found[month, "all"] = link[year] = link[year - 1] * mean
    return found


def tenths(value):
    """Return a value in tenths, halves away from zero."""
    value = Fraction(value) * 10
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def expected():
    """Return (month, group) → index, monthly and annual rate in tenths; None where there is no rate."""
    exact = indices()
    shown = {key: tenths(value) for key, value in exact.items()}
    found = {}
    for month, group in exact:
        place = MONTHS.index(month)
        rates = []
        for back in (1, 12):
            before = shown[MONTHS[place - back], group] if place >= back else None
            rates.append(None if before is None else tenths(Fraction(100 * (shown[month, group] - before), before)))
        found[month, group] = (shown[month, group], *rates)
    return found


EXPECTED = expected()


def number(text):
    """Return tenths of a number with exactly one decimal; None of an empty text."""
    if text == "":
        return None
    assert re.fullmatch(r"-?[0-9]{1,6}\.[0-9]", text), f"{text[:40]!r} is no number with one decimal"
    return int(text.replace(".", ""))


@pytest.fixture(scope="module")
def published():
    """Return what the agent wrote in the form of EXPECTED."""
    assert not PUBLISHED.is_symlink(), f"{PUBLISHED} is a link"
    assert PUBLISHED.is_file(), f"{PUBLISHED} is missing"
    assert PUBLISHED.stat().st_size < 50_000, f"{PUBLISHED} is far too long"
    lines = list(csv.reader(PUBLISHED.read_text(encoding="utf-8").splitlines()))
    assert lines[:1] == [["month", "group", "index", "monthly", "annual"]]
    lines = [line for line in lines[1:] if line]
    assert all(len(line) == 5 for line in lines), "every row has five values"
    found = {(line[0], line[1]): tuple(number(text) for text in line[2:]) for line in lines}
    assert len(found) == len(lines), "a month and group has two rows"
    return found


def test_office_and_agent_have_the_same_sheets():
    """Both copies come from generate.py: one that was edited alone would make the task unfair."""
    names = [Path("weights.csv"), *(Path("sheets") / f"{month}.csv" for month in MONTHS)]
    assert {path.relative_to(GIVEN) for path in GIVEN.rglob("*.csv")} == set(names)
    assert all((GIVEN / name).read_bytes() == (DATA / name).read_bytes() for name in names)


def test_no_index_lies_so_near_a_half_that_floats_could_differ():
    assert min(abs(value * 10 % 1 - Decimal("0.5")) for value in indices().values()) > Decimal("1e-6")


def test_every_month_and_group_has_a_row(published):
    assert published.keys() == EXPECTED.keys()


@pytest.mark.parametrize("column", ["index", "monthly", "annual"])
@pytest.mark.parametrize("group", [*GROUPS, "all"])
def test_column_of_a_group(published, group, column):
    place = ["index", "monthly", "annual"].index(column)
    ours = {month: EXPECTED[month, group][place] for month in MONTHS}
    assert {month: published.get((month, group), (0, 0, 0))[place] for month in MONTHS} == ours
