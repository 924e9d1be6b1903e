"""Score the samples: all figures right, or half of the share that is.

    python3 score.py ctrf.json

Works from the readings in the pristine image, one sample at a time and in whole multiples of a tiny unit.
"""

import csv
import json
import os
import sys
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
LAB = Path("/srv/lab")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def rows(name):
    """Return the lines of a table without its header."""
    with (LAB / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def in_{{ wanted }}(reading, unit):
    """Return a reading in the unit of the report, None where it is to be dropped."""
    number = Fraction(reading.lstrip("<"))
    if reading[0] == "<":
        {% if limits == "half" %}
        number *= Fraction(1, 2)
        {% elif limits == "zero" %}
        number = Fraction(0)
        {% else %}
        return None
        {% endif %}
    {% if quantity == "temperature" %}
    return {"K": number, "C": number + Fraction(27315, 100), "F": (number + Fraction(45967, 100)) * 5 / 9}[unit]
    {% else %}
    return number * Fraction({{ factors | tojson }}[unit])
    {% endif %}


READINGS = [(when, sample, tool, in_{{ wanted }}(reading, unit)) for when, sample, tool, reading, unit in rows("readings")]
KEPT = sorted((reading for reading in READINGS if reading[3] is not None), key=lambda reading: reading[0])


def true_value(when, tool, value):
    """Return a converted reading after the correction of its instrument."""
    {% if correction == "calibration" %}
    for name, gain, offset in rows("calibration"):
        if name == tool:
            return value * Fraction(gain) + Fraction(offset)
    return value
    {% elif correction == "drift" %}
    shift = "0"
    for name, since, found in sorted(rows("drift"), key=lambda row: row[1]):
        if name == tool and since <= when:
            shift = found
    return value - Fraction(shift)
    {% else %}
    empty = [(name, blank) for _, sample, name, blank in KEPT if sample == "BLANK"]
    mine = [blank for name, blank in empty if name == tool] or [blank for _, blank in empty]
    return max(Fraction(0), value - sum(mine) / len(mine))
    {% endif %}


def to_places(value, places, rounding):
    """Return a fraction with as many decimals; its sign and its halves are exact."""
    scaled = value * 10**places
    below = scaled.numerator // scaled.denominator
    rest = scaled - below
    tail = Decimal("0.5") if rest == Fraction(1, 2) else Decimal("0.25") if rest < Fraction(1, 2) else Decimal("0.75")
    whole = (Decimal(below) + tail).to_integral_value(ROUND_FLOOR if rest == 0 else rounding)
    return f"{whole.scaleb(-places):.{places}f}"


def written(value):
    """Return a figure as it has to be written."""
    {% if rounding == "half-even" %}
    return to_places(value, {{ decimals }}, ROUND_HALF_EVEN)
    {% elif rounding == "half-up" %}
    return to_places(value, {{ decimals + 1 }}, ROUND_HALF_UP)
    {% elif rounding == "significant" %}
    if value <= 0:
        return "0"
    for places in range(12):
        text = to_places(value, places, ROUND_HALF_UP)
        if len(text.replace(".", "").lstrip("0")) >= 3:
            return text
    raise ValueError(f"{value} is too small")
    {% else %}
    hundredths = Fraction("{{ step }}") * 100
    return to_places((value * 100 // hundredths) * hundredths / 100, 2, ROUND_FLOOR)
    {% endif %}


def expected():
    """Return the samples as (name, figure, number of readings), by name."""
    found = []
    for name in sorted({sample for _, sample, _, _ in KEPT} - {"BLANK"}):
        values = [true_value(when, tool, value) for when, sample, tool, value in KEPT if sample == name]
        {% if replicates == "last" %}
        values = [values.pop()]
        {% elif replicates == "trimmed" %}
        if len(values) > 3:
            values.remove(max(values))
            values.remove(min(values))
        {% endif %}
        {% if replicates == "median" %}
        middle = sorted(values)[(len(values) - 1) // 2 : len(values) // 2 + 1]
        figure = sum(middle) / len(middle)
        {% else %}
        figure = sum(values) / len(values)
        {% endif %}
        found.append((name, written(figure), len(values)))
    return found


def read_output(name):
    """Return the text of a file that the agent wrote."""
    path = WORKSPACE / name
    if path.is_symlink() or not path.is_file():
        raise Refused(f"{name} is missing")
    if path.stat().st_size > 100_000:
        raise Refused(f"{name} is far too long")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{name} is no text") from None


def compared():
    """Return the lines that the agent wrote and those that are right."""
    samples = expected()
    {% if output == "table" %}
    lines = [tuple(row) for row in csv.reader(read_output("samples.csv").splitlines())]
    if lines[:1] != [("sample", "{{ wanted }}", "readings")]:
        raise Refused("samples.csv has another header")
    return lines[1:], [(name, figure, str(count)) for name, figure, count in samples]
    {% elif output == "object" %}
    try:
        pairs = json.loads(read_output("samples.json"), object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        raise Refused("samples.json is no JSON") from None
    if not isinstance(pairs, tuple) or not all(isinstance(value, str) for _, value in pairs):
        raise Refused("samples.json is no object of strings")
    return sorted(pairs), [(name, figure) for name, figure, _ in samples]
    {% else %}
    ranked = sorted(samples, key=lambda one: (-Fraction(one[1]), one[0]))
    return read_output("samples.txt").splitlines(), [f"{name} = {figure} {{ wanted }}" for name, figure, _ in ranked]
    {% endif %}


def judge():
    """Return the reward, and what is to be said of it."""
    try:
        mine, right = compared()
    except Refused as refused:
        return 0.0, str(refused)
    if mine == right:
        return 1.0, "all samples are right"
    hits = len(set(mine) & set(right)) if len(mine) <= len(right) else 0
    return round(hits / len(right) / 2, 4), f"{hits} of {len(right)} samples are right"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "samples", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(reward)


if __name__ == "__main__":
    main()
