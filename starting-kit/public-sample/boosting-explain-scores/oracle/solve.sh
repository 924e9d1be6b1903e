#!/bin/bash
set -euo pipefail
cd /srv/parcels
head -n 45 model.json
head -n 5 features.csv
# Everything in the table that is neither a plain number nor a plain word.
tail -n +2 features.csv | tr ';' '\n' | grep -vE '^(P?[0-9]+(\.[0-9]+)?|[A-Za-z_]+)$' | sort | uniq -c

cat > /root/score.py <<'PY'
import csv
import json
import re
from math import exp

with open("/srv/parcels/model.json") as file:
    model = json.load(file)
FEATURES, LEVELS = model["feature_names"], model["categorical_levels"]
CLASSES = model["class_names"]
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read(name, text):
    """Return a number, the place of a level, or None."""
    text = text.strip()
    if name in LEVELS:
        names = [level.lower() for level in LEVELS[name]]
        return names.index(text.lower()) if text.lower() in names else None
    return float(text) if NUMBER.fullmatch(text) else None


def goes_left(node, value):
    if node["decision_type"] == "==":
        return value is not None and str(value) in node["threshold"].split("||")
    kind = node["missing_type"]
    if kind == "NaN" and value is None or kind == "Zero" and abs(value or 0) <= 1e-35:
        return node["default_left"]
    return (value or 0) <= node["threshold"]


def weigh(node):
    """Give every node its value, from the leaves up; return (sum of count x value, count)."""
    if "leaf_value" in node:
        total, count = node["leaf_value"] * node["leaf_count"], node["leaf_count"]
    else:
        sides = weigh(node["left_child"]), weigh(node["right_child"])
        total, count = sides[0][0] + sides[1][0], sides[0][1] + sides[1][1]
    node["value"] = total / count
    return total, count


trees = [tree["tree_structure"] for tree in model["tree_info"]]
trees = trees[: model["best_iteration"] * model["num_tree_per_iteration"]]
for tree in trees:
    weigh(tree)


def walk(tree, row, changes):
    """Return the leaf's value; add the change of each step to its feature."""
    node = tree
    while "leaf_value" not in node:
        name = FEATURES[node["split_feature"]]
        child = node["left_child"] if goes_left(node, row[name]) else node["right_child"]
        changes[name] += child["value"] - node["value"]
        node = child
    return node["leaf_value"]


parcels = {}
with open("/srv/parcels/features.csv", newline="") as file:
    for line in csv.DictReader(file, delimiter=";"):
        parcels[line["parcel"].strip()] = {name: read(name, line[name]) for name in FEATURES}

predictions, contributions = [], []
for parcel, row in parcels.items():
    changes = [dict.fromkeys(FEATURES, 0.0) for _ in CLASSES]
    scores = [0.0] * len(CLASSES)
    for index, tree in enumerate(trees):
        scores[index % len(CLASSES)] += walk(tree, row, changes[index % len(CLASSES)])
    whole = sum(exp(score) for score in scores)
    best = scores.index(max(scores))
    base = sum(tree["value"] for tree in trees[best :: len(CLASSES)])
    # What the features did must lead from the base to the score.
    assert abs(base + sum(changes[best].values()) - scores[best]) < 1e-9
    predictions.append([parcel, CLASSES[best], *(f"{exp(score) / whole:.9f}" for score in scores)])
    contributions.append([parcel, f"{base:.9f}", *(f"{changes[best][name]:.9f}" for name in FEATURES)])

for name, header, rows in (
    ("predictions", ["parcel", "predicted", *(f"p_{name}" for name in CLASSES)], predictions),
    ("contributions", ["parcel", "base", *FEATURES], contributions),
):
    with open(f"/root/{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
PY

python3 /root/score.py
head -n 5 /root/predictions.csv /root/contributions.csv
sed 1d /root/predictions.csv | cut -d, -f2 | sort | uniq -c
