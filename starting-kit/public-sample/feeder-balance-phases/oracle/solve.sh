#!/bin/bash
set -euo pipefail
cd /srv/feeder
head -n 30 connections.csv
cat sections.csv pillars.csv days.csv
head -n 6 profiles.csv | cut -d, -f1-9

cat > /root/network.py <<'PY'
"""The feeder: what a plan costs, loses and loads."""

import csv
from collections import defaultdict

BUDGET = 3200


def table(name):
    with open(f"/srv/feeder/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


SECTIONS = table("sections")
FEES = {row["pillar"]: int(row["opening_fee"]) for row in table("pillars")}
FED_BY = {row["to"]: row for row in SECTIONS}
WEIGHTS = []  # days a year, by half-hour of the days behind each other
OFFSET = {}
for row in table("days"):
    OFFSET[row["day"]] = len(WEIGHTS)
    WEIGHTS += [int(row["days_per_year"])] * 48
STEPS = range(len(WEIGHTS))


def path(pillar):
    """Return the sections between the substation and a pillar."""
    found = []
    while pillar in FED_BY:
        found.append(FED_BY[pillar]["section"])
        pillar = FED_BY[pillar]["from"]
    return found


class Unit:
    """What moves as one: a connection, or all the connections of a loop."""

    def __init__(self):
        self.names, self.pillars, self.cost, self.shifts = [], set(), 0, {0, 1, 2}
        self.loads = {}  # section -> watts by phase and half-hour

    def add(self, row, profiles):
        self.names.append(row["connection"])
        self.pillars.add(row["pillar"])
        self.cost += int(row["move_cost"])
        self.shifts &= {int(shift) for shift in row["shifts"].split("/")}
        for section in path(row["pillar"]):
            watts = self.loads.setdefault(section, [[0] * len(WEIGHTS) for _ in range(3)])
            for profile in profiles:
                times = [int(value) for name, value in profile.items() if ":" in name]
                for step, value in enumerate(times, start=OFFSET[profile["day"]]):
                    watts[int(profile["phase"][1]) - 1][step] += value


def read_units():
    profiles, units = defaultdict(list), defaultdict(Unit)
    for row in table("profiles"):
        profiles[row["connection"]].append(row)
    for row in table("connections"):
        units[row["loop"] or row["connection"]].add(row, profiles[row["connection"]])
    return list(units.values())


UNITS = read_units()


def price(shifts):
    """Return what a plan costs: every move, and every pillar that is opened once."""
    moved = [unit for unit, shift in zip(UNITS, shifts) if shift]
    opened = set().union(*(unit.pillars for unit in moved))
    return sum(unit.cost for unit in moved) + sum(FEES[pillar] for pillar in opened)


def loads(shifts, section, step):
    """Return the watts on the three phases of a section at one half-hour under a plan."""
    total = [0, 0, 0]
    for unit, shift in zip(UNITS, shifts):
        if section in unit.loads:
            for phase in range(3):
                total[(phase + shift) % 3] += unit.loads[section][phase][step]
    return total


MOMENTS = [(row["section"], step) for row in SECTIONS for step in STEPS]
RATING = {row["section"]: 230 * int(row["rating_a"]) for row in SECTIONS}


def within_ratings(shifts):
    """Look first at the moment that the last refused plan was overloaded at: many fail at the same few."""
    for place, (section, step) in enumerate(MOMENTS):
        if max(map(abs, loads(shifts, section, step))) > RATING[section]:
            MOMENTS.insert(0, MOMENTS.pop(place))
            return False
    return True


def loss(shifts):
    """Return kWh a year."""
    total = 0
    for row in SECTIONS:
        for step in STEPS:
            # The three phases, and the neutral: a² + b² + c² - ab - bc - ca.
            a, b, c = loads(shifts, row["section"], step)
            squares = 2 * (a * a + b * b + c * c) - a * b - b * c - c * a
            total += int(row["r_mohm"]) * WEIGHTS[step] * squares
    return total / 230**2 / 2 / 10**6
PY

# How bad is it today, and where is it overloaded?
cd /root
python3 - <<'PY'
from network import SECTIONS, STEPS, UNITS, loads, loss

today = [0] * len(UNITS)
print(f"{len(UNITS)} units, {loss(today):.1f} kWh a year")
for row in SECTIONS:
    carried = [loads(today, row["section"], step) for step in STEPS]
    print(row["section"], row["rating_a"], [round(max(map(abs, line)) / 230) for line in zip(*carried)])
PY

cat > /root/search.py <<'PY'
"""Loss is quadratic: with what each pair of units adds at each difference of their shifts, a change is weighed in no time.

The fees decide which moves go together. So: for every affordable set of pillars, a descent that changes one unit or two at
once, since an exchange of two pays where neither move alone does. The descent looks at the loss alone and may pass through
overloads; of all plans next to its way, the best that is within the ratings is kept.
"""

import csv
from itertools import combinations

from network import BUDGET, FEES, SECTIONS, STEPS, UNITS, WEIGHTS, loss, price, within_ratings

N = len(UNITS)
OHM = {row["section"]: int(row["r_mohm"]) for row in SECTIONS}


def pair(one, other):
    """Return what two units add to the loss, by the shift of the other less that of the one."""
    result = [0, 0, 0]
    for section in one.loads.keys() & other.loads.keys():
        mine, theirs = one.loads[section], other.loads[section]
        for shift in range(3):
            total = 0
            for step in STEPS:
                a = [mine[phase][step] for phase in range(3)]
                b = [theirs[(phase - shift) % 3][step] for phase in range(3)]
                same = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
                total += WEIGHTS[step] * (5 * same - sum(a) * sum(b))
            result[shift] += OHM[section] * total
    return result


PAIRS = [[pair(one, other) for other in UNITS] for one in UNITS]


def value_of(shifts):
    return sum(PAIRS[i][j][(shifts[j] - shifts[i]) % 3] for i in range(N) for j in range(N))


def changes(shifts, free, money):
    """Return every affordable change of one or two units as (gain, units with new shifts)."""
    field = {i: [2 * sum(PAIRS[i][j][(shifts[j] - k) % 3] for j in range(N) if j != i) for k in range(3)] for i in free}
    money -= sum(UNITS[i].cost for i in free if shifts[i])
    single = [
        (field[i][k] - field[i][shifts[i]], UNITS[i].cost * (bool(k) - bool(shifts[i])), i, k)
        for i in free
        for k in UNITS[i].shifts - {shifts[i]}
    ]
    found = [(gain, ((i, k),)) for gain, paid, i, k in single if paid <= money]
    for (gain, paid, i, k), (gain2, paid2, j, m) in combinations(single, 2):
        if i != j and paid + paid2 <= money:
            # Each gain holds the other unit where it is; this is what that leaves out.
            old, new = shifts[j] - shifts[i], m - k
            row = PAIRS[i][j]
            cross = row[new % 3] - row[(shifts[j] - k) % 3] - row[(m - shifts[i]) % 3] + row[old % 3]
            found.append((gain + gain2 + 2 * cross, ((i, k), (j, m))))
    return sorted(found)


def changed(shifts, change):
    result = list(shifts)
    for i, k in change:
        result[i] = k
    return result


least, plan, overloaded = value_of([0] * N), None, set()


def descend(pillars):
    """Follow the best change until none helps; keep what is within the ratings and better than all before."""
    global least, plan
    money = BUDGET - sum(FEES[pillar] for pillar in pillars)
    free = [i for i in range(N) if UNITS[i].pillars <= pillars and len(UNITS[i].shifts) > 1]
    shifts = [0] * N
    value = value_of(shifts)
    while True:
        found = changes(shifts, free, money)
        for gain, change in found:
            if value + gain >= least:
                break
            next_to = tuple(changed(shifts, change))
            if next_to not in overloaded:
                if within_ratings(next_to):
                    least, plan = value + gain, next_to
                    break
                overloaded.add(next_to)
        if not found or found[0][0] >= 0:
            return
        shifts = changed(shifts, found[0][1])
        value += found[0][0]


for size in range(1, len(FEES) + 1):
    for pillars in combinations(FEES, size):
        if sum(FEES[pillar] for pillar in pillars) < BUDGET:
            descend(set(pillars))

assert plan and within_ratings(plan) and price(plan) <= BUDGET
print(f"{price(plan)} EUR, {loss(plan):.1f} kWh a year; {len(overloaded)} better ones would overload a section")
with open("/root/plan.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["connection", "shift"])
    out.writerows((name, shift) for unit, shift in zip(UNITS, plan) if shift for name in unit.names)
PY
python3 /root/search.py
cat /root/plan.csv
