#!/bin/bash
set -euo pipefail
cd /srv/desk
cat quotes.csv bonds.csv positions.csv
grep 2025 holidays.txt

cat > /root/value.py <<'PY'
import csv
import json
from bisect import bisect_left
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from math import exp, log

DESK = "/srv/desk/"


def table(name):
    with open(DESK + name, newline="") as file:
        return list(csv.DictReader(file))


HOLIDAYS = {date.fromisoformat(line.strip()) for line in open(DESK + "holidays.txt")}


def following(day):
    while day.weekday() >= 5 or day in HOLIDAYS:
        day += timedelta(days=1)
    return day


def add_months(day, months, month_end=False):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, last if month_end else min(day.day, last))


def thirty(start, end):
    """Return the 30E/360 fraction."""
    days = min(end.day, 30) - min(start.day, 30)
    return (360 * (end.year - start.year) + 30 * (end.month - start.month) + days) / 360


SETTLE = date(2025, 4, 16)
for _ in range(2):
    SETTLE = following(SETTLE + timedelta(days=1))


def years(day):
    return (day - SETTLE).days / 365


# ---- the curve: dates, and the logarithms of the discount factors

DATES, LOGS = [SETTLE], [0.0]


def discount(day):
    if day > DATES[-1]:
        return exp(LOGS[-1] * years(day) / years(DATES[-1]))
    right = bisect_left(DATES, day)
    if DATES[right] == day:
        return exp(LOGS[right])
    before, after = DATES[right - 1], DATES[right]
    share = (day - before).days / (after - before).days
    return exp(LOGS[right - 1] + share * (LOGS[right] - LOGS[right - 1]))


def solve(function, low, high):
    """Return where a function that falls crosses zero."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


quotes = {}
for row in sorted(table("quotes.csv"), key=lambda row: row["time"]):
    if row["time"] <= "17:00:00" and row["bid"] and row["ask"]:
        quotes[row["tenor"]] = (float(row["bid"]) + float(row["ask"])) / 200

curve = []
for tenor, rate in sorted(quotes.items(), key=lambda item: (item[0][-1], int(item[0][:-1]))):
    count = int(tenor[:-1])
    if tenor.endswith("M"):
        day = following(add_months(SETTLE, count))
        DATES.append(day)
        LOGS.append(-log(1 + rate * (day - SETTLE).days / 360))
    else:
        days = [SETTLE] + [following(add_months(SETTLE, 12 * year)) for year in range(1, count + 1)]
        DATES.append(days[-1])
        LOGS.append(0.0)

        def missing(logarithm):
            """Par less the swap: falls as the last discount factor grows."""
            LOGS[-1] = logarithm
            annuity = sum(thirty(a, b) * discount(b) for a, b in zip(days, days[1:]))
            return 1 - rate * annuity - discount(days[-1])

        LOGS[-1] = solve(missing, -5.0, 0.5)
    curve.append((tenor, DATES[-1], discount(DATES[-1])))

# ---- bonds


class Bond:
    def __init__(self, row):
        self.coupon, self.frequency = float(row["coupon_pct"]), int(row["frequency"])
        self.count, self.ex_days = row["day_count"], int(row["ex_days"])
        self.maturity, self.issue = date.fromisoformat(row["maturity"]), date.fromisoformat(row["issue"])
        self.dates = []
        month_end = self.maturity.day == monthrange(self.maturity.year, self.maturity.month)[1]
        if self.frequency:
            step, back = 12 // self.frequency, 0
            while not self.dates or self.dates[0] > self.issue:
                self.dates.insert(0, add_months(self.maturity, -step * back, month_end))
                back += 1

    def accrued(self, place, day):
        """Return what accrues to a day of the period that ends with the coupon date at this place."""
        start, end = max(self.issue, self.dates[place - 1]), self.dates[place]
        if self.count == "ACT/ACT":
            return self.coupon / self.frequency * (day - start).days / (end - self.dates[place - 1]).days
        if self.count == "30E/360":
            return self.coupon * thirty(start, day)
        return self.coupon * (day - start).days / int(self.count[4:])

    def at_settlement(self):
        """Return the accrued interest, and what is still to come as (day, amount)."""
        accrued, flows = 0.0, [(following(self.maturity), 100.0)]
        first = True
        for place, end in enumerate(self.dates):
            if place == 0 or end <= SETTLE:
                continue
            amount = self.accrued(place, end)
            if first:
                accrued, first = self.accrued(place, SETTLE), False
                if self.ex_days and (end - SETTLE).days <= self.ex_days:
                    accrued -= amount
                    continue
            flows.append((following(end), amount))
        return accrued, flows


def value(flows, spread=0.0):
    return sum(amount * discount(day) * exp(-spread * years(day)) for day, amount in flows)


nominals = Counter()
for row in table("positions.csv"):
    nominals[row["isin"]] += int(row["nominal"])
prices = {row["isin"]: float(row["clean"]) for row in table("prices.csv")}

lines, total = [], Counter()
for row in table("bonds.csv"):
    bond, isin, nominal = Bond(row), row["isin"], nominals[row["isin"]]
    if nominal == 0 or bond.maturity <= SETTLE:
        continue
    accrued, flows = bond.at_settlement()
    market = prices[isin] + accrued
    spread = 1e4 * solve(lambda s: value(flows, s) - market, -0.5, 0.5)
    lines.append((isin, nominal, f"{accrued:.9f}", f"{value(flows) - accrued:.9f}", f"{spread:.6f}"))
    total["market_value"] += nominal * market / 100
    total["accrued"] += nominal * accrued / 100
    total["model_value"] += nominal * value(flows) / 100
    total["zspread_bp"] += spread * nominal * market / 100
total["zspread_bp"] /= total["market_value"]

for name, header, rows in (
    ("curve", "tenor,date,discount", [(tenor, day, f"{factor:.12f}") for tenor, day, factor in curve]),
    ("bonds", "isin,nominal,accrued,model_clean,zspread_bp", lines),
):
    with open(f"/root/{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(","), *rows])
json.dump(total, open("/root/portfolio.json", "w"), indent=2)
PY

python3 /root/value.py
cat /root/curve.csv /root/bonds.csv /root/portfolio.json
