"""Compare predictions and contributions with what the pristine model says of the pristine table.

Parcels are sent down each tree together, a node parting them in two, and numbers are exact fractions up to the softmax.
"""

import json
import math
import os
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
PARCELS = Path("/srv/parcels")
MODEL = json.loads((PARCELS / "model.json").read_text(encoding="utf-8"))
FEATURES, CLASSES, LEVELS = MODEL["feature_names"], MODEL["class_names"], MODEL["categorical_levels"]
MARGIN = 1e-6 + 1e-12
DIGITS = set("0123456789")
TINY = Fraction(1, 10**35)


def is_number(text):
    """Say whether a cell is a number; takes it apart by hand."""
    mantissa, mark, exponent = text.lower().partition("e")
    if mark and not (exponent.lstrip("+-") and set(exponent.lstrip("+-")) <= DIGITS and exponent.count("-") < 2):
        return False
    mantissa = mantissa[1:] if mantissa[:1] in ("+", "-") else mantissa
    whole, _, part = mantissa.partition(".")
    return bool(whole + part) and set(whole + part) <= DIGITS


def cell(name, text):
    """Return a Fraction, a level, or None."""
    text = text.strip()
    if name in LEVELS:
        return next((level for level in LEVELS[name] if level.casefold() == text.casefold()), None)
    return Fraction(text.rstrip(".")) if is_number(text) else None


@cache
def parcels():
    """Return parcel → feature → value."""
    head, *lines = (PARCELS / "features.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(head.split(";"), line.split(";"))) for line in lines]
    return {row["parcel"]: {name: cell(name, row[name]) for name in FEATURES} for row in rows}


def leaves(node):
    """Return (value, count) of every leaf below a node."""
    if "leaf_value" in node:
        return [(Fraction(str(node["leaf_value"])), node["leaf_count"])]
    return leaves(node["left_child"]) + leaves(node["right_child"])


def mean(node):
    """Return the value of a node."""
    below = leaves(node)
    return sum(value * count for value, count in below) / sum(count for _, count in below)


def left_of(node, names):
    """Return which of these parcels go left."""
    feature = FEATURES[node["split_feature"]]
    values = {name: parcels()[name][feature] for name in names}
    if node["decision_type"] == "==":
        places = {int(place) for place in node["threshold"].split("||")}
        return {name for name in names if values[name] in {LEVELS[feature][place] for place in places}}
    by_default = set()
    if node["missing_type"] != "None":
        by_default = {name for name in names if values[name] is None}
    if node["missing_type"] == "Zero":
        by_default |= {name for name in names if values[name] is not None and -TINY <= values[name] <= TINY}
    limit = Fraction(str(node["threshold"]))
    left = {name for name in names - by_default if (values[name] or 0) <= limit}
    return left | by_default if node["default_left"] else left


def send(node, names, told):
    """Send parcels down from a node: ``told`` gets (parcel, feature, change) of each step and (parcel, None, leaf)."""
    if "leaf_value" in node:
        told += [(name, None, Fraction(str(node["leaf_value"]))) for name in names]
        return
    left = left_of(node, names)
    for child, part in ((node["left_child"], left), (node["right_child"], names - left)):
        change = mean(child) - mean(node)
        told += [(name, FEATURES[node["split_feature"]], change) for name in part]
        send(child, part, told)


@cache
def explained():
    """Return class → (base, parcel → feature → contribution, where the feature None is the score)."""
    found = {}
    for place, label in enumerate(CLASSES):
        trees = [MODEL["tree_info"][3 * turn + place]["tree_structure"] for turn in range(MODEL["best_iteration"])]
        told = []
        for tree in trees:
            send(tree, set(parcels()), told)
        sums = {name: dict.fromkeys([None, *FEATURES], Fraction(0)) for name in parcels()}
        for name, feature, change in told:
            sums[name][feature] += change
        found[label] = sum(map(mean, trees)), sums
    return found


def scores(parcel):
    """Return class → score of a parcel."""
    return {label: explained()[label][1][parcel][None] for label in CLASSES}


def predicted(parcel):
    """Return the most probable class; the sample has no ties."""
    return max(CLASSES, key=scores(parcel).get)


def probabilities(parcel):
    """Return the softmax of the scores."""
    found = {label: math.exp(score) for label, score in scores(parcel).items()}
    return [found[label] / sum(found.values()) for label in CLASSES]


def table(name, header):
    """Return parcel → the other values of its line, as the agent wrote them."""
    path = WORKSPACE / name
    assert path.is_file() and not path.is_symlink(), f"{path} is missing"
    assert path.stat().st_size < 200_000, f"{path} is far too long"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert lines and [value.strip() for value in lines[0]] == header, f"{path}: the header must be {','.join(header)}"
    found = {line[0].strip(): [value.strip() for value in line[1:]] for line in lines[1:]}
    assert len(found) == len(lines) - 1 and found.keys() == parcels().keys(), f"{path}: a line per parcel, and no other"
    assert all(len(values) == len(header) - 1 for values in found.values()), f"{path}: more or fewer values"
    return found


def near(text, value):
    """Return whether a number that the agent wrote is right."""
    return len(text) < 40 and is_number(text) and abs(float(text) - float(value)) <= MARGIN


@pytest.fixture(scope="module")
def predictions():
    return table("predictions.csv", ["parcel", "predicted", *(f"p_{label}" for label in CLASSES)])


@pytest.fixture(scope="module")
def contributions():
    return table("contributions.csv", ["parcel", "base", *FEATURES])


def test_parts_make_the_scores():
    for base, sums in explained().values():
        for row in sums.values():
            assert base + sum(row[feature] for feature in FEATURES) == row[None]


def test_predicted_classes(predictions):
    assert {name: values[0] for name, values in predictions.items()} == {name: predicted(name) for name in parcels()}


@pytest.mark.parametrize("place", range(len(CLASSES)), ids=CLASSES)
def test_probabilities(predictions, place):
    wrong = [name for name, row in predictions.items() if not near(row[1 + place], probabilities(name)[place])]
    assert wrong == []


def test_base(contributions):
    wrong = [name for name, row in contributions.items() if not near(row[0], explained()[predicted(name)][0])]
    assert wrong == []


@pytest.mark.parametrize("feature", FEATURES)
def test_contribution(contributions, feature):
    truth = {name: explained()[predicted(name)][1][name][feature] for name in parcels()}
    wrong = [name for name, row in contributions.items() if not near(row[1 + FEATURES.index(feature)], truth[name])]
    assert wrong == []
