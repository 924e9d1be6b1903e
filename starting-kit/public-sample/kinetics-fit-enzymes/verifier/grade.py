"""Print the reward of a trial, and write what it is made of as CTRF.

    python3 grade.py ctrf.json

Each type of inhibition is fitted by variable projection: Vmax is the best one for the other constants, which a simplex
walks down to. The reference solution goes down gradients of all constants instead.
"""

import csv
import json
import math
import os
import re
import sys
from pathlib import Path

PLATES = Path("/srv/kinetics")
OUT = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "out"
TOLERANCE = 0.005 * (1 + 1e-9)
LARGEST = 200_000
WINDOW = 8
CONSTANTS = ("vmax", "km", "kic", "kiu")
WEIGHTS = {"rates": 0.3, "constants": 0.7}
"""The rubric of verifier.md."""

# Type → (what Km is multiplied with besides 1, what S is), as places in the tuple of inhibition constants.
SHAPES = {
    "none": (None, None),
    "competitive": (0, None),
    "uncompetitive": (None, 0),
    "noncompetitive": (0, 0),
    "mixed": (0, 1),
}


class RefusedError(Exception):
    """What the agent wrote is not in the form that was asked for."""


def rows(name):
    """Return the rows of one of the laboratory's tables."""
    with (PLATES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def readings(name):
    """Return well → [(minute, absorbance or None)] of an export."""
    text = (PLATES / name).read_text(encoding="utf-8")
    block = re.search(r"^Time(?P<mark>[,;])(?P<wells>.*)\n(?P<body>(?:.+\n)*)", text, re.MULTILINE)
    mark, wells = block["mark"], block["wells"].split(block["mark"])
    found = {re.sub(r"(?<=[A-H])0", "", well): [] for well in wells}
    for line in block["body"].splitlines():
        stamp, *cells = line.split(mark)
        minute = sum(float(part) * 60**power for power, part in enumerate(reversed(stamp.split(":")))) / 60
        for well, cell in zip(found, cells, strict=True):
            cell = cell.replace(",", ".")
            found[well].append((minute, float(cell) if re.fullmatch(r"-?\d+\.\d+", cell) else None))
    return found


def steepest(curve, sign):
    """Return the slope of the steepest window in the direction of a sign, or None; by sums of products."""
    slopes = []
    for start in range(len(curve) - WINDOW + 1):
        piece = curve[start : start + WINDOW]
        if all(y is not None for _, y in piece):
            x0 = piece[0][0]
            sx, sy = sum(x - x0 for x, _ in piece), sum(y for _, y in piece)
            sxx, sxy = sum((x - x0) ** 2 for x, _ in piece), sum((x - x0) * y for x, y in piece)
            slopes.append((WINDOW * sxy - sx * sy) / (WINDOW * sxx - sx * sx))
    return max(slopes, key=lambda slope: slope * sign, default=None)


def middle(values):
    """Return the median."""
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def conditions(row):
    """Return the concentrations of a well in µM; rounded, so that 0.6 mM is 600 µM."""
    factor = {"uM": 1, "mM": 1000}[row["unit"]]
    return round(float(row["substrate"]) * factor, 6), float(row["inhibitor_um"])


def rates_of(assay, wells):
    """Return well → (substrate, inhibitor, rate or None, whether it is used) of an assay's samples."""
    curves = readings(assay["file"])
    per_micromolar = float(assay["delta_epsilon"]) * float(assay["path_cm"]) * 1e-6
    raw = {row["well"]: steepest(curves[row["well"]], per_micromolar) for row in wells}
    raw = {well: None if slope is None else slope / per_micromolar for well, slope in raw.items()}
    found = {}
    for row in (row for row in wells if row["role"] == "sample"):
        substrate, inhibitor = conditions(row)
        blanks = [x["well"] for x in wells if x["role"] == "blank" and conditions(x)[0] == substrate]
        blank = middle([raw[well] for well in blanks if raw[well] is not None])
        rate = None if raw[row["well"]] is None else (raw[row["well"]] - blank) * float(row["dilution"])
        found[row["well"]] = (substrate, inhibitor, rate)
    for well, (substrate, inhibitor, rate) in list(found.items()):
        group = [x[2] for x in found.values() if x[:2] == (substrate, inhibitor) and x[2] is not None]
        used = rate is not None and abs(rate / middle(group) - 1) <= 0.2
        found[well] = (substrate, inhibitor, rate, used)
    return found


def projected(kind, logs, points):
    """Return (sum of squares, the best Vmax) for the logarithms of the other constants."""
    km, *inhibition = (math.exp(min(50, max(-50, x))) for x in logs)
    free, bound = (None if place is None else inhibition[place] for place in SHAPES[kind])
    shape = [s / (km * (1 + (i / free if free else 0)) + s * (1 + (i / bound if bound else 0))) for s, i, _ in points]
    vmax = sum(f * v for f, (_, _, v) in zip(shape, points, strict=True)) / sum(f * f for f in shape)
    return sum((v - vmax * f) ** 2 for f, (_, _, v) in zip(shape, points, strict=True)), vmax


def walk_down(cost, start, size):
    """Return the lowest place that the simplex of Nelder and Mead finds."""
    corners = [list(start)] + [[x + size * (i == k) for k, x in enumerate(start)] for i in range(len(start))]
    simplex = sorted((cost(corner), corner) for corner in corners)
    for _ in range(600):
        worst = simplex[-1]
        if max(abs(a - b) for _, c in simplex for a, b in zip(c, simplex[0][1], strict=True)) < 1e-10:
            break
        centre = [sum(c[k] for _, c in simplex[:-1]) / len(start) for k in range(len(start))]

        def along(share, centre=centre, worst=worst):
            place = [c + share * (w - c) for c, w in zip(centre, worst[1], strict=True)]
            return cost(place), place

        new = along(-1.0)
        if new < simplex[0]:
            new = min(new, along(-2.0))
        elif new >= simplex[-2]:
            new = min(along(-0.5), along(0.5))
        if new < worst:
            simplex[-1] = new
        else:
            best = simplex[0][1]
            halved = [[(a + b) / 2 for a, b in zip(c, best, strict=True)] for _, c in simplex[1:]]
            simplex[1:] = [(cost(corner), corner) for corner in halved]
        simplex.sort()
    return simplex[0]


def fitted(kind, points):
    """Return (AICc, type, constants by name) of one type's best constants."""
    count = len({place for place in SHAPES[kind] if place is not None})
    usual = math.log(middle([i for _, i, _ in points if i > 0]))
    best = (math.inf, [])
    for first in (usual - 2, usual + 2):
        start = [math.log(middle([s for s, _, _ in points])), *([first, usual][:count])]
        for size in (1.0, 0.3, 0.1):  # again from where it ended: a simplex can collapse on the way
            total, start = walk_down(lambda logs: projected(kind, logs, points)[0], start, size)
        best = min(best, (total, start))
    n, k = len(points), len(best[1]) + 2
    score = n * math.log(best[0] / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    kis = [None if place is None else math.exp(best[1][1 + place]) for place in SHAPES[kind]]
    values = [projected(kind, best[1], points)[1], math.exp(best[1][0]), *kis]
    return score, kind, dict(zip(CONSTANTS, values, strict=True))


def truth():
    """Return {(assay, well): (rate, used)} and {assay: (type, constants)}."""
    layout, rates, constants = rows("layout.csv"), {}, {}
    for assay in rows("assays.csv"):
        name = assay["assay"]
        found = rates_of(assay, [row for row in layout if row["assay"] == name and row["role"] != "empty"])
        rates |= {(name, well): (rate, "yes" if used else "no") for well, (_, _, rate, used) in found.items()}
        points = [(s, i, rate) for s, i, rate, used in found.values() if used]
        _, kind, values = min((fitted(kind, points) for kind in SHAPES), key=lambda fit: fit[0])
        constants[name] = (kind, values)
    return rates, constants


def written(name, header, keys):
    """Return the agent's table as {key: the other values}; the first columns are the key."""
    path = OUT / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
        raise RefusedError(f"{path} is no file of at most {LARGEST} bytes")
    try:
        lines = [line for line in csv.reader(path.read_text(encoding="utf-8").splitlines()) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RefusedError(f"{path} is no CSV file: {error}") from error
    if lines[:1] != [header] or any(len(line) != len(header) for line in lines):
        raise RefusedError(f"{path}: every line has the values {','.join(header)}")
    found = {tuple(line[:keys]): line[keys:] for line in lines[1:]}
    if len(found) != len(lines) - 1:
        raise RefusedError(f"{path} names something twice")
    return found


def close(text, value):
    """Return whether a text is empty as it should be, or a number near enough to a value."""
    if value is None or not text:
        return value is None and not text
    if not re.fullmatch(r"\s*[-+]?\d{0,30}\.?\d{0,30}([eE][-+]?\d{1,3})?\s*", text, re.ASCII):
        return False
    try:
        return abs(float(text) - value) <= TOLERANCE * abs(value)
    except ValueError:
        return False


def grade_rates(expected):
    """Return (share of the samples that are right, what to say)."""
    found = written("rates.csv", ["assay", "well", "rate", "used"], 2)
    missing = ["nothing", ""]
    wrong = [
        f"{assay} {well}"
        for (assay, well), (rate, used) in expected.items()
        if not close(found.get((assay, well), missing)[0], rate) or found[assay, well][1] != used
    ]
    return 1 - len(wrong) / len(expected), f"wrong: {', '.join(wrong[:40]) or 'none'}"


def grade_constants(expected):
    """Return (mean share of the assays' constants that are right, what to say)."""
    found = written("constants.csv", ["assay", "type", *CONSTANTS], 1)
    shares = {}
    for assay, (kind, values) in expected.items():
        told, *texts = found.get((assay,), ["", *CONSTANTS])
        asked = [name for name in CONSTANTS if values[name] is not None]
        right = [name for name, text in zip(CONSTANTS, texts, strict=True) if close(text, values[name])]
        stray = [name for name in CONSTANTS if name not in asked and name not in right]
        shares[assay] = 0.0 if told != kind or stray else sum(name in right for name in asked) / len(asked)
    return sum(shares.values()) / len(shares), json.dumps({name: round(share, 3) for name, share in shares.items()})


def main():
    """Grade both files; one that is refused earns nothing."""
    rates, constants = truth()
    reward, tests = 0.0, []
    for name, grade in (("rates", lambda: grade_rates(rates)), ("constants", lambda: grade_constants(constants))):
        try:
            share, message = grade()
        except RefusedError as error:
            share, message = 0.0, str(error)
        reward += WEIGHTS[name] * share
        status = "passed" if share == 1 else "failed"
        tests.append({"name": name, "status": status, "duration": 0, "message": f"share {share:.4f}; {message}"})
    passed = sum(test["status"] == "passed" for test in tests)
    summary = {"tests": 2, "passed": passed, "failed": 2 - passed, "pending": 0, "skipped": 0, "other": 0}
    summary |= {"start": 0, "stop": 0}
    document = {"results": {"tool": {"name": "grade.py"}, "summary": summary, "tests": tests}}
    Path(sys.argv[1]).write_text(json.dumps(document) + "\n", encoding="utf-8")
    print(round(reward, 4))


if __name__ == "__main__":
    main()
