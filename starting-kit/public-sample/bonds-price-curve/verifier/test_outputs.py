"""Compare curve, bonds and portfolio with what the rules of the prompt give on the pristine files."""

import csv
import json
import math
import os
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
DESK = Path("/srv/desk")
TRADE = date(2025, 4, 16)
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,25})?")
MARGINS = {"nominal": 0, "accrued": 1e-6, "model_clean": 1e-6, "zspread_bp": 1e-3}
ROUNDING = 1e-12


def rows(name):
    """Return a file of the desk as a list of dicts."""
    with (DESK / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CLOSED = set((DESK / "holidays.txt").read_text(encoding="utf-8").split())


def open_day(day):
    """Return the day, or the next on which euros are settled."""
    while day.strftime("%a") in ("Sat", "Sun") or str(day) in CLOSED:
        day = date.fromordinal(day.toordinal() + 1)
    return day


SETTLED = open_day(open_day(TRADE + timedelta(days=1)) + timedelta(days=1))


def last_of(year, month):
    """Return the last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def shifted(day, months, to_last=False):
    """Return a day some months later, or earlier; ``to_last`` puts it on the last of its month."""
    number = day.year * 12 + day.month - 1 + months
    last = last_of(number // 12, number % 12 + 1)
    return last if to_last or day.day > last.day else last.replace(day=day.day)


def fraction_30e(first, last):
    """Return the 30E/360 fraction: every month has 30 days, a 31st is a 30th."""
    ordinals = [360 * day.year + 30 * day.month + min(30, day.day) for day in (first, last)]
    return (ordinals[1] - ordinals[0]) / 360


def t(day):
    """Return the years since settlement."""
    return (day - SETTLED).days / 365


class Curve:
    """Continuous zero rates times t, by t."""

    def __init__(self):
        self.points = [(0.0, 0.0)]

    def exponent(self, at):
        """Return −log of the discount factor."""
        if at > self.points[-1][0]:
            return self.points[-1][1] / self.points[-1][0] * at
        for (x0, y0), (x1, y1) in zip(self.points, self.points[1:]):
            if x0 <= at <= x1:
                return (y0 * (x1 - at) + y1 * (at - x0)) / (x1 - x0)
        raise ValueError(at)

    def factor(self, day):
        """Return the discount factor of a day."""
        return math.exp(-self.exponent(t(day)))

    def add_swap(self, tenor, rate):
        """Add the point at which the swap is worth par, by Newton's method on its difference from par."""
        days = [SETTLED, *(open_day(shifted(SETTLED, 12 * year)) for year in range(1, tenor + 1))]
        y, at = self.points[-1][1] + rate * (t(days[-1]) - self.points[-1][0]), t(days[-1])
        for _ in range(8):
            self.points.append((at, y))
            off = [self.par(days, rate)]
            self.points[-1] = (at, y + 1e-7)
            off.append(self.par(days, rate))
            self.points.pop()
            y -= off[0] * 1e-7 / (off[1] - off[0])
        self.points.append((at, y))
        return days[-1]

    def par(self, days, rate):
        """Return a swap's value less par."""
        legs = sum(fraction_30e(a, b) * self.factor(b) for a, b in zip(days, days[1:]))
        return rate * legs + self.factor(days[-1]) - 1


@cache
def curve():
    """Return the curve, and tenor → (date, discount factor)."""
    best = {}
    for row in rows("quotes.csv"):
        sides = row["bid"] != "" and row["ask"] != ""
        if sides and row["time"] <= "17:00:00" and row["time"] > best.get(row["tenor"], {"time": ""})["time"]:
            best[row["tenor"]] = row
    built, nodes = Curve(), {}
    for tenor in sorted(best, key=lambda name: int(name[:-1]) * (12 if name[-1] == "Y" else 1)):
        rate = (float(best[tenor]["bid"]) + float(best[tenor]["ask"])) / 2 / 100
        if tenor[-1] == "M":
            day = open_day(shifted(SETTLED, int(tenor[:-1])))
            built.points.append((t(day), math.log1p(rate * (day - SETTLED).days / 360)))
        else:
            day = built.add_swap(int(tenor[:-1]), rate)
        nodes[tenor] = day
    return built, {tenor: (day, built.factor(day)) for tenor, day in nodes.items()}


def periods(bond):
    """Yield (begin, begin as if it were a whole one, end) of a bond's coupon periods."""
    maturity, issue = date.fromisoformat(bond["maturity"]), date.fromisoformat(bond["issue"])
    to_last = (maturity + timedelta(days=1)).day == 1
    months = 12 // int(bond["frequency"]) if bond["frequency"] != "0" else 0
    ends = [shifted(maturity, -months * back, to_last) for back in range(1000 // months if months else 0)]
    for end, before in zip(ends, ends[1:]):
        if end > issue:
            yield max(before, issue), before, end


def interest(bond, period, day):
    """Return what accrues in a period up to a day."""
    begin, whole, end = period
    coupon = float(bond["coupon_pct"])
    return {
        "ACT/ACT": coupon * (day - begin).days / (end - whole).days / max(1, int(bond["frequency"])),
        "30E/360": coupon * fraction_30e(begin, day),
        "ACT/360": coupon * (day - begin).days / 360,
        "ACT/365": coupon * (day - begin).days / 365,
    }[bond["day_count"]]


def cash(bond):
    """Return the accrued interest, and (day, amount) of what a buyer is paid."""
    accrued, paid = 0.0, [(open_day(date.fromisoformat(bond["maturity"])), 100.0)]
    for period in periods(bond):
        begin, _, end = period
        if end <= SETTLED:
            continue
        whole = interest(bond, period, end)
        gone = 0 < (end - SETTLED).days <= int(bond["ex_days"])
        if begin <= SETTLED:
            accrued += interest(bond, period, SETTLED) - (whole if gone else 0)
        if not gone:
            paid.append((open_day(end), whole))
    return accrued, paid


def worth(paid, spread=0.0):
    """Return the value of payments, and how it falls with the spread."""
    parts = [(t(day), amount * curve()[0].factor(day) * math.exp(-spread * t(day))) for day, amount in paid]
    return sum(part for _, part in parts), -sum(years * part for years, part in parts)


@cache
def bonds():
    """Return isin → nominal, accrued, model_clean, zspread_bp and market price with accrued."""
    clean = {row["isin"]: float(row["clean"]) for row in rows("prices.csv")}
    found = {}
    for bond in rows("bonds.csv"):
        isin = bond["isin"]
        nominal = sum(int(row["nominal"]) for row in rows("positions.csv") if row["isin"] == isin)
        if nominal == 0 or bond["maturity"] <= str(SETTLED):
            continue
        accrued, paid = cash(bond)
        spread = 0.0
        for _ in range(12):
            value, slope = worth(paid, spread)
            spread -= (value - clean[isin] - accrued) / slope
        model = worth(paid)[0] - accrued
        found[isin] = dict(zip(MARGINS, (nominal, accrued, model, 1e4 * spread))) | {"market": clean[isin] + accrued}
    return found


def totals():
    """Return what belongs into portfolio.json."""
    held = bonds().values()
    value = sum(bond["nominal"] * bond["market"] for bond in held)
    return {
        "market_value": value / 100,
        "accrued": sum(bond["nominal"] * bond["accrued"] for bond in held) / 100,
        "model_value": sum(bond["nominal"] * (bond["model_clean"] + bond["accrued"]) for bond in held) / 100,
        "zspread_bp": sum(bond["nominal"] * bond["market"] * bond["zspread_bp"] for bond in held) / value,
    }


def text_of(name):
    """Return the text that the agent wrote; whatever else lies there fails the test."""
    path = WORKSPACE / name
    assert path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 50_000, f"{path} is far too long"
    return path.read_text(encoding="utf-8")


def table_of(name, header):
    """Return first column → the other columns of a table that the agent wrote."""
    lines = [[cell.strip() for cell in line.split(",")] for line in text_of(name).splitlines() if line.strip()]
    assert lines[:1] == [header], f"{name}: the header must be {','.join(header)}"
    assert all(len(line) == len(header) for line in lines), f"{name}: a line has more or fewer values"
    found = {line[0]: dict(zip(header[1:], line[1:])) for line in lines[1:]}
    assert len(found) == len(lines) - 1, f"{name}: a line stands there twice"
    return found


def near(text, value, margin):
    """Return whether a number that the agent wrote is right."""
    return NUMBER.fullmatch(text) is not None and abs(float(text) - value) <= margin + ROUNDING


@pytest.fixture(scope="module")
def written_curve():
    found = table_of("curve.csv", ["tenor", "date", "discount"])
    assert found.keys() == curve()[1].keys()
    return found


@pytest.mark.parametrize("tenor", curve()[1])
def test_tenor(written_curve, tenor):
    day, factor = curve()[1][tenor]
    assert written_curve[tenor]["date"] == str(day)
    assert near(written_curve[tenor]["discount"], factor, 1e-8)


@pytest.fixture(scope="module")
def written_bonds():
    found = table_of("bonds.csv", ["isin", *MARGINS])
    assert found.keys() == bonds().keys()
    return found


@pytest.mark.parametrize("column", MARGINS)
@pytest.mark.parametrize("isin", bonds())
def test_bond(written_bonds, isin, column):
    assert near(written_bonds[isin][column], bonds()[isin][column], MARGINS[column])


@pytest.mark.parametrize("name", totals())
def test_portfolio(name):
    found = json.loads(text_of("portfolio.json"))
    assert isinstance(found, dict) and found.keys() == totals().keys(), "portfolio.json has other keys"
    assert type(found[name]) in (int, float) and math.isfinite(found[name]), f"{name} is no number"
    assert abs(found[name] - totals()[name]) <= (0.001 if name == "zspread_bp" else 0.01) + 1e-7
