"""Score the plan: write each rule as a test in CTRF, and print the share of the possible saving that the plan makes.

    python3 score.py ctrf.json

With w = 1∠120° and z = a + wb + w²c, the current of the neutral is |z|, and the four conductors of a section lose
R × ((a + b + c)² + 5|z|²) / 3. A shift by k turns the z of what moves by w^k and leaves the sum as it is. So the loss
is a constant and a convex quadratic form of one unit complex number for each thing that moves. Where each may lie
anywhere in the triangle of 1, w and w², the form is minimised, and its gradient proves how far from the minimum one is:
that is the bound. The plan's own loss is added up in whole numbers, cable by cable.
"""

import csv
import json
import os
import sys
from fractions import Fraction
from itertools import combinations
from pathlib import Path

PLAN = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "plan.csv"
FEEDER = Path("/srv/feeder")
BUDGET = 3200
TURN = (1 + 0j, complex(-0.5, 0.75**0.5), complex(-0.5, -(0.75**0.5)))
KWH = 1 / (2 * 230**2 * 10**6)
"""Of a milliohm with a squared watt for a half-hour."""


class Refused(Exception):
    """A plan that breaks a rule; the message says which."""


def table(name):
    """Return a file of the feeder as a list of dicts."""
    with (FEEDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SECTIONS = table("sections")
CONNECTIONS = {row["connection"]: row for row in table("connections")}
FEES = {row["pillar"]: int(row["opening_fee"]) for row in table("pillars")}
DAYS = {row["day"]: int(row["days_per_year"]) for row in table("days")}
CLOCK = [name for name in table("profiles")[0] if ":" in name]
MOMENTS = [(day, time) for day in DAYS for time in CLOCK]


def read_watts():
    """Return connection → moment → watts of L1, L2 and L3."""
    watts = {name: {moment: [0, 0, 0] for moment in MOMENTS} for name in CONNECTIONS}
    for row in table("profiles"):
        for time in CLOCK:
            watts[row["connection"]][row["day"], time][int(row["phase"][1]) - 1] = int(row[time])
    return watts


WATTS = read_watts()


def read_plan():
    """Return connection → shift of what moves, as the agent wrote it."""
    if PLAN.is_symlink() or not PLAN.is_file() or PLAN.stat().st_size > 10_000:
        raise Refused(f"{PLAN} is no file of at most 10 kB")
    lines = PLAN.read_bytes().decode("utf-8", errors="replace").splitlines()
    rows = [tuple(cell.strip() for cell in line.split(",")) for line in lines if line.strip()]
    if rows[:1] != [("connection", "shift")]:
        raise Refused("the header must be connection,shift")
    for row in rows[1:]:
        if len(row) != 2 or row[0] not in CONNECTIONS or row[1] not in ("1", "2"):
            raise Refused(f"not a connection and a shift of 1 or 2: {','.join(row)[:60]!r}")
    if len({row[0] for row in rows[1:]}) < len(rows) - 1:
        raise Refused("a connection stands there twice")
    return {name: int(shift) for name, shift in rows[1:]}


def check_moves(plan):
    """Refuse shifts that a connection may not have, loops that come apart, and more euros than there are."""
    for name, shift in plan.items():
        if str(shift) not in CONNECTIONS[name]["shifts"].split("/"):
            raise Refused(f"{name} may not shift by {shift}")
    for name, row in CONNECTIONS.items():
        for other, also in CONNECTIONS.items():
            if row["loop"] and row["loop"] == also["loop"] and plan.get(name, 0) != plan.get(other, 0):
                raise Refused(f"{name} and {other} are one loop")
    moves = sum(int(CONNECTIONS[name]["move_cost"]) for name in plan)
    price = moves + sum(FEES[pillar] for pillar in {CONNECTIONS[name]["pillar"] for name in plan})
    if price > BUDGET:
        raise Refused(f"{price} euros are more than {BUDGET}")


def flows(plan):
    """Return pillar → moment → watts that the cable to it carries by phase, added up from the ends of the tree."""
    found = {row["to"]: {moment: [0, 0, 0] for moment in MOMENTS} for row in SECTIONS}
    for name, row in CONNECTIONS.items():
        shift = plan.get(name, 0)
        for moment, watts in WATTS[name].items():
            for phase in range(3):
                found[row["pillar"]][moment][(phase + shift) % 3] += watts[phase]
    waiting = list(SECTIONS)
    while waiting:
        end = next(row for row in waiting if all(other["from"] != row["to"] for other in waiting))
        waiting.remove(end)
        if end["from"] in found:
            for moment, watts in found[end["to"]].items():
                for phase in range(3):
                    found[end["from"]][moment][phase] += watts[phase]
    return found


def loss(plan):
    """Return the kWh of a year, exactly."""
    total, carried = 0, flows(plan)
    for row in SECTIONS:
        for (day, _), (a, b, c) in carried[row["to"]].items():
            neutral = ((a - b) ** 2 + (b - c) ** 2 + (c - a) ** 2) // 2
            total += int(row["r_mohm"]) * DAYS[day] * (a * a + b * b + c * c + neutral)
    return Fraction(total, 2 * 230**2 * 10**6)


def check_ratings(plan):
    """Refuse a plan under which a section is overloaded."""
    carried = flows(plan)
    for row in SECTIONS:
        worst = max(abs(watts) for moment in MOMENTS for watts in carried[row["to"]][moment])
        if worst > 230 * int(row["rating_a"]):
            raise Refused(f"{row['section']} carries {worst / 230:.1f} A, and may {row['rating_a']}")


class Unit:
    """What moves as one, with its unbalance z by section and moment."""

    def __init__(self, names):
        rows = [CONNECTIONS[name] for name in names]
        self.cost = sum(int(row["move_cost"]) for row in rows)
        self.pillars = {row["pillar"] for row in rows}
        self.shifts = [k for k in range(3) if all(str(k) in row["shifts"].split("/") for row in rows)]
        self.unbalance = {}
        feeding = {row["to"]: row for row in SECTIONS}
        for name, row in zip(names, rows):
            turned = [sum(t * watts for t, watts in zip(TURN, WATTS[name][moment])) for moment in MOMENTS]
            cable = feeding.get(row["pillar"])
            while cable:
                before = self.unbalance.get(cable["section"], [0] * len(MOMENTS))
                self.unbalance[cable["section"]] = [x + y for x, y in zip(before, turned)]
                cable = feeding.get(cable["from"])


class Relaxed:
    """The loss where units may be split over the phases; ``form[i][j]`` is what two of them add to it, in kWh."""

    def __init__(self):
        loops = {}
        for name, row in CONNECTIONS.items():
            loops.setdefault(row["loop"] or name, []).append(name)
        self.units = [Unit(names) for names in loops.values()]
        weights = [DAYS[day] * KWH * 5 / 3 for day, _ in MOMENTS]
        ohm = {row["section"]: int(row["r_mohm"]) for row in SECTIONS}
        self.form = [[self.together(one, other, weights, ohm) for other in self.units] for one in self.units]
        self.constant = float(loss({})) - sum(map(sum, self.form)).real

    @staticmethod
    def together(one, other, weights, ohm):
        """Return the entry of the form for two units."""
        return sum(
            ohm[section] * sum(w * x.conjugate() * y for w, x, y in zip(weights, one.unbalance[section], theirs))
            for section, theirs in other.unbalance.items()
            if section in one.unbalance
        )

    def start(self):
        """Return shares by unit and shift with nothing moved, and the form's gradient there."""
        return [[1.0, 0.0, 0.0] for _ in self.units], [2 * sum(row) for row in self.form]

    def sweep(self, movable, shares, gradient, euro):
        """Move each unit's share from its worst shift to its best; return how far from the minimum it was at most.

        ``euro`` is the price of a euro in kWh, by which the budget enters the loss.
        """
        distance = 0.0
        for i in movable:
            unit, share = self.units[i], shares[i]
            slope = [(gradient[i].conjugate() * TURN[k]).real + euro * unit.cost * (k > 0) for k in range(3)]
            best = min(unit.shifts, key=slope.__getitem__)
            worst = max((k for k in unit.shifts if share[k] > 0), key=slope.__getitem__)
            distance += sum(part * (slope[k] - slope[best]) for k, part in enumerate(share))
            if slope[worst] > slope[best]:
                step = min(share[worst], (slope[worst] - slope[best]) / (6 * self.form[i][i].real))
                share[best] += step
                share[worst] -= step
                turn = 2 * step * (TURN[best] - TURN[worst])
                for j, row in enumerate(self.form):
                    gradient[j] += row[i] * turn
        return distance

    def loss(self, shares, gradient):
        """Return the loss of shares."""
        places = [sum(part * turn for part, turn in zip(share, TURN)) for share in shares]
        return self.constant + sum((y.conjugate() * g).real for y, g in zip(places, gradient)) / 2

    def least(self, pillars, known):
        """Return a loss that no plan with these pillars goes below, and one that split units reach within the budget.

        Every price of a euro gives a bound; a few are tried, and none once the bound is over ``known``.
        """
        money = BUDGET - sum(FEES[pillar] for pillar in pillars)
        movable = [i for i, unit in enumerate(self.units) if unit.pillars <= pillars and unit.cost <= money]
        lower, low, high, euro = 0.0, 0.0, None, 1.0
        for _ in range(14):
            shares, gradient = self.start()
            for _ in range(100):
                distance = self.sweep(movable, shares, gradient, euro)
                spent = sum(self.units[i].cost * (1 - shares[i][0]) for i in movable)
                reached = self.loss(shares, gradient)
                lower = max(lower, reached + euro * (spent - money) - distance)
                if lower >= known or distance < 1:
                    break
            known = min(known, reached) if spent <= money else known
            if lower >= known - 5:
                break
            low, high = (euro, high) if spent > money else (low, euro)
            euro = (low + high) / 2 if high else 2 * euro
        return lower, known

    def bound(self):
        """Return a loss that no plan within the budget goes below."""
        known, lowers = self.loss(*self.start()), []
        for count in range(len(FEES), -1, -1):
            for pillars in combinations(FEES, count):
                if sum(FEES[pillar] for pillar in pillars) <= BUDGET:
                    lower, known = self.least(set(pillars), known)
                    lowers.append(lower)
        return min(lowers)


def judge(tests):
    """Return the reward; every rule that was looked at is added to ``tests``."""
    plan = {}
    for name, check in (("plan", read_plan), ("moves", check_moves), ("ratings", check_ratings)):
        try:
            found = check(plan) if name != "plan" else check()
        except Refused as refused:
            tests.append({"name": name, "status": "failed", "duration": 0, "message": str(refused)})
            return 0.0
        plan = found if name == "plan" else plan
        tests.append({"name": name, "status": "passed", "duration": 0})
    today, after, bound = float(loss({})), float(loss(plan)), Relaxed().bound()
    reward = min(1.0, max(0.0, (today - after) / (today - bound)))
    told = f"{after:.1f} kWh a year after {today:.1f}; none goes below {bound:.1f}"
    tests.append({"name": "loss", "status": "passed" if after < today else "failed", "duration": 0, "message": told})
    return round(reward, 4)


def main():
    tests = []
    reward = judge(tests)
    passed = sum(test["status"] == "passed" for test in tests)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    summary = {"tests": len(tests), "passed": passed, "failed": len(tests) - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": tests}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}, indent=2) + "\n", encoding="utf-8")
    print(reward)


if __name__ == "__main__":
    main()
