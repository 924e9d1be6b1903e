#!/bin/bash
set -euo pipefail
cd /srv/kinetics
cat assays.csv
head -n 3 layout.csv
cut -d, -f3,5,7 layout.csv | sort | uniq -c
head -n 7 ./*-*.csv | cut -c 1-90
tail -n 2 -q ./*-*.csv | cut -c 1-60
mkdir -p /root/out

cat > /root/kinetics.py <<'PY'
import csv
import math
from collections import defaultdict
from statistics import median

SRV, OUT, SPAN = "/srv/kinetics", "/root/out", 8


def read_export(path):
    """Return the minutes of the readings, and well → absorbances, None where illegible."""
    lines = open(path, encoding="utf-8").read().split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("Time"))
    mark = lines[start][4]
    point = "," if mark == ";" else "."

    def value(text):
        try:
            return float(text.replace(point, "."))
        except ValueError:
            return None

    names = lines[start].split(mark)[1:]
    minutes, rows = [], []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        stamp, *cells = line.split(mark)
        whole, _, seconds = stamp.rpartition(":")
        minutes.append(int(whole or 0) + float(seconds) / 60)
        rows.append([value(cell) for cell in cells])
    return minutes, {name[0] + str(int(name[1:])): column for name, column in zip(names, zip(*rows))}


def slope(xs, ys):
    x0, y0 = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    return math.fsum((x - x0) * (y - y0) for x, y in zip(xs, ys)) / math.fsum((x - x0) ** 2 for x in xs)


def raw_rate(minutes, absorbances, factor):
    """Return µM per minute in the well, or None. The factor's sign makes a falling absorbance a positive rate."""
    windows = [(minutes[i : i + SPAN], absorbances[i : i + SPAN]) for i in range(len(minutes) - SPAN + 1)]
    return max((slope(xs, ys) / factor for xs, ys in windows if None not in ys), default=None)


layout = defaultdict(dict)
for row in csv.DictReader(open(f"{SRV}/layout.csv", encoding="utf-8")):
    if row["role"] != "empty":
        # In nM, as whole numbers: 0.6 mM and 600 µM must be one group of replicates.
        row["s"] = round(float(row["substrate"]) * {"uM": 1e3, "mM": 1e6}[row["unit"]])
        layout[row["assay"]][row["well"]] = row


def rates_of(assay):
    """Return well → (rate or None, used) of the samples of a plate."""
    minutes, readings = read_export(f"{SRV}/{assay['file']}")
    factor = float(assay["delta_epsilon"]) * float(assay["path_cm"]) / 1e6
    wells = layout[assay["assay"]]
    raw = {well: raw_rate(minutes, readings[well], factor) for well in wells}
    blanks, replicates, rates = defaultdict(list), defaultdict(list), {}
    for well, row in wells.items():
        if row["role"] == "blank" and raw[well] is not None:
            blanks[row["s"]].append(raw[well])
    for well, row in wells.items():
        if row["role"] == "sample":
            known = raw[well] is not None
            rates[well] = (raw[well] - median(blanks[row["s"]])) * float(row["dilution"]) if known else None
            if known:
                replicates[row["s"], float(row["inhibitor_um"])].append(rates[well])
    used = {}
    for well, rate in rates.items():
        middle = median(replicates[wells[well]["s"], float(wells[well]["inhibitor_um"])] or [0])
        used[well] = rate is not None and abs(rate - middle) <= 0.2 * middle
    return {well: (rate, used[well]) for well, rate in rates.items()}


# Type → how its free constants (as logarithms) give 1/Kic and 1/Kiu.
TYPES = {
    "none": (0, lambda: (0.0, 0.0)),
    "competitive": (1, lambda c: (math.exp(-c), 0.0)),
    "uncompetitive": (1, lambda u: (0.0, math.exp(-u))),
    "noncompetitive": (1, lambda c: (math.exp(-c), math.exp(-c))),
    "mixed": (2, lambda c, u: (math.exp(-c), math.exp(-u))),
}


def residuals(logs, kind, points):
    vmax, km = math.exp(logs[0]), math.exp(logs[1])
    c, u = TYPES[kind][1](*logs[2:])
    return [v - vmax * s / (km * (1 + i * c) + s * (1 + i * u)) for s, i, v in points]


def solve(matrix, right):
    """Return x of matrix · x = right, by elimination with pivots."""
    rows = [[*row, value] for row, value in zip(matrix, right)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(len(rows)):
            if k != i:
                share = rows[k][i] / rows[i][i]
                rows[k] = [a - share * b for a, b in zip(rows[k], rows[i])]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def fit(kind, points, start):
    """Return (sum of squares, logarithms) by Levenberg-Marquardt; logarithms keep every constant positive."""
    logs, damping = list(start), 1e-3
    here = residuals(logs, kind, points)
    total = math.fsum(r * r for r in here)
    for _ in range(400):
        columns = []
        for place in range(len(logs)):
            step = [x + (1e-6 if place == k else 0) for k, x in enumerate(logs)]
            columns.append([(a - b) / 1e-6 for a, b in zip(residuals(step, kind, points), here)])
        normal = [[math.fsum(a * b for a, b in zip(x, y)) for y in columns] for x in columns]
        gradient = [-math.fsum(a * b for a, b in zip(x, here)) for x in columns]
        damped = [[v * (1 + damping) + 1e-12 if i == k else v for k, v in enumerate(row)] for i, row in enumerate(normal)]
        step = solve(damped, gradient)
        # A constant that the data push to infinity may go there in small steps: it does no harm.
        after = [x + max(-1.0, min(1.0, d)) for x, d in zip(logs, step)]
        there = residuals(after, kind, points)
        new = math.fsum(r * r for r in there)
        if new <= total:
            done = max(map(abs, step)) < 1e-10
            logs, here, total, damping = after, there, new, damping / 5
            if done:
                break
        else:
            damping *= 4
            if damping > 1e12:
                break
    return total, logs


def constants_of(points):
    """Return (type, vmax, km, kic, kiu) of the model with the lowest AICc."""
    n, found = len(points), []
    guess = [math.log(max(v for *_, v in points)), math.log(median(s for s, *_ in points))]
    level = math.log(median(i for _, i, _ in points if i))
    for kind, (free, inverse) in TYPES.items():
        tries = [guess + [level + shift] * free for shift in (-3, 0, 3)]
        total, logs = min(fit(kind, points, start) for start in tries)
        k = len(logs) + 1
        score = n * math.log(total / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
        kis = [1 / x if x else None for x in inverse(*logs[2:])]
        found.append((score, kind, math.exp(logs[0]), math.exp(logs[1]), *kis))
    found.sort(key=lambda row: row[0])
    print(*(f"{kind} {score:.1f}" for score, kind, *_ in found))
    return found[0][1:]


rates, constants = [], []
for assay in csv.DictReader(open(f"{SRV}/assays.csv", encoding="utf-8")):
    name, points = assay["assay"], []
    for well, (rate, used) in rates_of(assay).items():
        row = layout[name][well]
        rates.append((name, well, "" if rate is None else f"{rate:.8g}", "yes" if used else "no"))
        if used:
            points.append((row["s"] / 1e3, float(row["inhibitor_um"]), rate))
    print(name, len(points), "wells used")
    kind, *values = constants_of(points)
    constants.append((name, kind, *("" if value is None else f"{value:.8g}" for value in values)))

for name, head, lines in (
    ("rates", ("assay", "well", "rate", "used"), rates),
    ("constants", ("assay", "type", "vmax", "km", "kic", "kiu"), constants),
):
    with open(f"{OUT}/{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *lines])
PY

python3 /root/kinetics.py
cat /root/out/constants.csv
grep -c ',no$' /root/out/rates.csv
