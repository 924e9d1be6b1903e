"""Train a small boosted model on made-up parcels, and write its dump and a dirty feature table into the image's folder.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file: it says which cell was made to mislead.
"""

import json
import math
import random
from pathlib import Path

PARCELS = Path(__file__).resolve().parent / "environment" / "parcels"
SEED = 7
CLASSES = ("on_time", "late", "lost")
NUMERIC = {"distance_km": "NaN", "weight_kg": "None", "declared_value": "Zero", "stops": "None", "hours_at_hub": "NaN"}
"""Feature → how its splits treat a missing value."""
LEVELS = {
    "carrier": ["Borealis", "DHX", "Kestrel", "PostNord", "Sabre"],
    "service": ["economy", "express", "standard"],
    "hub": ["AMS", "CDG", "LEJ", "LGG", "MXP", "WAW"],
}
FEATURES = ["distance_km", "carrier", "weight_kg", "service", "declared_value", "stops", "hub", "hours_at_hub"]
ITERATIONS, BEST = 9, 7
LEAVES = 6
RATE = 0.3
TRAINING, SCORED = 500, 110
DIRT = {
    # feature: what stands in a cell in the place of a value, some of it still a number
    "distance_km": ["", "n/a", "1e3", "1,250", " 412.5 ", "inf", "-"],
    "weight_kg": ["", "NA", "2.5kg", "0", "+3.75", "-"],
    "declared_value": ["", "0", "0.0", "-0", "none", "1e-36", "12,5"],
    "stops": ["", "null", "3.0", "0x4", "1e1", "?"],
    "hours_at_hub": ["", "nan", "NaN", ".5", "7.", "1_0", "-inf"],
    "carrier": ["", "dhx", "Sabre ", "UPX", "postnord", "KESTREL"],
    "service": ["", "Express", "overnight", " standard", "nan"],
    "hub": ["", "lej", "BRU", "WAW ", "-"],
}


def parcel(rng):
    """Return the features of a parcel, None for one that is missing, and its class."""
    row = {
        "distance_km": round(rng.lognormvariate(6, 0.7), 1),
        "weight_kg": round(rng.lognormvariate(0.7, 0.8), 2),
        "declared_value": round(rng.lognormvariate(4, 1), 2) if rng.random() < 0.6 else 0.0,
        "stops": rng.randrange(1, 8),
        "hours_at_hub": round(rng.expovariate(0.12), 1),
        **{name: rng.choice(levels) for name, levels in LEVELS.items()},
    }
    late = row["distance_km"] / 900 + row["stops"] / 5 + row["hours_at_hub"] / 12 - 2.2 * (row["service"] == "express")
    late += {"DHX": -0.8, "Sabre": 0.9, "Kestrel": 0.6}.get(row["carrier"], 0) + 0.8 * (row["hub"] in ("CDG", "WAW"))
    lost = -2.5 + row["declared_value"] / 150 + 1.3 * (row["hub"] in ("MXP", "LGG")) - row["weight_kg"] / 4
    lost += 1.2 * (row["carrier"] in ("Sabre", "Borealis"))
    for name in row:
        if rng.random() < 0.06:
            row[name] = None
    noise = [-math.log(-math.log(rng.random())) for _ in CLASSES]
    scores = [noise[0], late - 2 + noise[1], lost + noise[2]]
    return row, scores.index(max(scores))


def goes_left(split, row):
    """Return whether a row goes left at a split that is being tried."""
    name, kind, value, default = split
    if kind == "==":
        return row[name] in value
    if row[name] is None and NUMERIC[name] == "NaN" or not row[name] and NUMERIC[name] == "Zero":
        return default
    return (row[name] or 0.0) <= value


def candidates(rows, rng):
    """Yield splits worth trying."""
    for name in FEATURES:
        if name in LEVELS:
            for size in (1, 2, 3):
                levels = rng.sample(LEVELS[name], min(size, len(LEVELS[name]) - 1))
                yield name, "==", frozenset(levels), rng.random() < 0.5
        else:
            values = sorted({row[name] for row, *_ in rows if row[name] is not None})
            for value in rng.sample(values[:-1], min(4, len(values) - 1)):
                yield name, "<=", value, rng.random() < 0.5


def weight_of(rows):
    """Return what a leaf of these rows says, and how good it is."""
    gradient, hessian = sum(g for _, g, _ in rows), sum(h for *_, h in rows)
    return -RATE * gradient / (hessian + 1), gradient**2 / (hessian + 1)


def grow(rows, rng):
    """Return a tree: the root as a list that is either a leaf or holds its split and two children."""
    root = [rows]
    leaves = [root]
    while len(leaves) < LEAVES:
        best = None
        for leaf in leaves:
            for split in candidates(leaf[0], rng):
                left = [entry for entry in leaf[0] if goes_left(split, entry[0])]
                right = [entry for entry in leaf[0] if not goes_left(split, entry[0])]
                if min(len(left), len(right)) < 12:
                    continue
                gain = weight_of(left)[1] + weight_of(right)[1] - weight_of(leaf[0])[1]
                if best is None or gain > best[0]:
                    best = gain, leaf, split, [left], [right]
        if best is None:
            break
        gain, leaf, split, left, right = best
        leaf += [split, left, right, gain]
        leaves = [other for other in leaves if other is not leaf] + [left, right]
    return root


def dumped(node, counts, start):
    """Return a node as the dump has it; ``start`` is added to every leaf of the tree."""
    rows = node[0]
    if len(node) == 1:
        counts["leaf"] += 1
        value = round(weight_of(rows)[0] + start, 9)
        return {"leaf_index": counts["leaf"] - 1, "leaf_value": value, "leaf_count": len(rows)}
    (name, kind, value, default), gain = node[1], node[4]
    counts["split"] += 1
    threshold = "||".join(str(LEVELS[name].index(level)) for level in sorted(value)) if kind == "==" else value
    return {
        "split_index": counts["split"] - 1,
        "split_feature": FEATURES.index(name),
        "split_gain": round(gain, 4),
        "threshold": threshold,
        "decision_type": kind,
        "default_left": default,
        "missing_type": "NaN" if kind == "==" else NUMERIC[name],
        "left_child": dumped(node[2], counts, start),
        "right_child": dumped(node[3], counts, start),
    }


def value_at(node, row):
    """Return what a tree says of a row."""
    while len(node) > 1:
        node = node[2] if goes_left(node[1], row) else node[3]
    return weight_of(node[0])[0]


def train(rng):
    """Return the trees of the dump."""
    sample = [parcel(rng) for _ in range(TRAINING)]
    prior = [math.log(sum(label == k for _, label in sample) / len(sample)) for k in range(3)]
    scores = [list(prior) for _ in sample]
    trees = []
    for iteration in range(ITERATIONS):
        shares = []
        for row in scores:
            total = sum(map(math.exp, row))
            shares.append([math.exp(score) / total for score in row])
        for k in range(3):
            rows = [(row, p[k] - (label == k), p[k] * (1 - p[k])) for (row, label), p in zip(sample, shares)]
            tree = grow(rows, rng)
            for score, (row, _) in zip(scores, sample):
                score[k] += value_at(tree, row)
            counts = {"leaf": 0, "split": 0}
            structure = dumped(tree, counts, prior[k] if iteration == 0 else 0.0)
            trees.append({"tree_index": len(trees), "num_leaves": counts["leaf"], "tree_structure": structure})
    return trees


def table(rng):
    """Return the lines of the feature table."""
    columns = ["parcel", "hub", "service", "stops", "weight_kg", "booked_by", "carrier", "distance_km", "hours_at_hub"]
    columns.append("declared_value")
    rows = []
    for number in range(SCORED):
        row, _ = parcel(rng)
        cells = {name: "" if value is None else str(value) for name, value in row.items()}
        cells |= {"parcel": f"P{4000 + 7 * number}", "booked_by": rng.choice(("web", "desk", "api"))}
        rows.append(cells)
    for name, dirt in DIRT.items():
        for cell in dirt:
            for row in rng.sample(rows, 3):
                row[name] = cell
    again = [dict(rows[20], stops="7"), dict(rows[61], carrier="Sabre", hub="MXP"), dict(rows[90])]
    rows[40:40] = again[:1]
    rows[80:80] = again[1:]
    return [columns, *([row[name] for name in columns] for row in rows)]


def main():
    rng = random.Random(SEED)
    model = {
        "name": "tree",
        "num_class": 3,
        "num_tree_per_iteration": 3,
        "best_iteration": BEST,
        "objective": "multiclass num_class:3",
        "class_names": CLASSES,
        "feature_names": FEATURES,
        "categorical_levels": {name: LEVELS[name] for name in FEATURES if name in LEVELS},
        "tree_info": train(rng),
    }
    PARCELS.mkdir(parents=True, exist_ok=True)
    (PARCELS / "model.json").write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8", newline="\n")
    lines = [";".join(row) for row in table(rng)]
    (PARCELS / "features.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
