"""Score the report: the share of groups whose figure is right, and nothing for a file of another form.

    python3 score.py ctrf.json

Works everything out from the pristine tables, in fractions.
"""

import csv
import json
import os
import re
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
TABLES = Path("{{ place }}")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def table(name, delimiter=","):
    """Return the lines of a table as lists, without its header."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))[1:]


def half_up(value):
    """Return the whole number that is closest; halves go away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (-1 if value < 0 else 1)


def amount_of(row):
    """Return the amount of a line in whole cents."""
    {% if amounts == "european" %}
    return int(Fraction(row[3].replace(".", "").replace(",", ".")) * 100)
    {% elif amounts == "brackets" %}
    plain = Fraction(row[3].strip("()").lstrip("$").replace(",", "")) * 100
    return int(-plain if "(" in row[3] else plain)
    {% else %}
    rate = next(Fraction(line[1]) for line in table("rates") if line[0] == row[4])
    return half_up(Fraction(row[3]) * 100 * rate)
    {% endif %}


def normal(key):
    """Return the master key that a typed key stands for, None for one that cannot be."""
    {% if key == "spelling" %}
    return re.sub(r"\s+", "", key).replace("{{ letter.lower() }}", "{{ letter }}")
    {% elif key == "zeros" %}
    return "{{ letter }}-" + re.sub(r"\D", "", key).lstrip("0").rjust(4, "0")
    {% elif key == "check-digit" %}
    number = int(key[2:6])
    digits = number // 1000 + number // 100 % 10 + number // 10 % 10 + number % 10
    return key[:6] if str(digits)[-1] == key[6] else None
    {% else %}
    following = dict(table("renumbered"))
    return normal(following[key]) if key in following else key
    {% endif %}


def group_at(key, day):
    """Return the group of a key on a day, None where it has none."""
    found = None
    for other, group, since, status in table("{{ master }}"):
        if other != key:
            continue
        {% if versions == "dated" %}
        if date.fromisoformat(since) <= date.fromisoformat(day) and (found is None or since > found[0]):
            found = (since, group)
        {% elif versions == "last" %}
        found = (since, group)
        {% else %}
        if found is None and status != "closed":
            found = (since, group)
        {% endif %}
    return found and found[1]


def expected():
    """Return group → its lines as (month, cents), and the ids of lines without a match."""
    groups, rejects = {}, []
    for row in table("{{ table }}", "{{ separator }}"):
        key = normal(row[2])
        if key is None:
            continue
        group = group_at(key, row[1])
        if group is None:
            rejects.append(row[0])
            {% if orphans == "unknown" %}
            group = "unknown"
            {% else %}
            continue
            {% endif %}
        groups.setdefault(group, []).append((row[1][:7], amount_of(row)))
    return groups, rejects


def figure(lines, groups):
    """Return the figure of one group as it has to be written."""
    {% if figure == "sum" %}
    value = sum(cents for _, cents in lines)
    {% elif figure == "median" %}
    ordered = sorted(cents for _, cents in lines)
    value = half_up(Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2))
    {% elif figure == "share" %}
    every = sum(cents for others in groups.values() for _, cents in others)
    tenths = half_up(Fraction(1000 * sum(cents for _, cents in lines), every))
    {% else %}
    sums = [(-sum(cents for other, cents in lines if other == month), month) for month in {m for m, _ in lines}]
    {% endif %}
    {% if figure in ("sum", "median") %}
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
    {% elif figure == "share" %}
    return f"{tenths // 10}.{tenths % 10}"
    {% else %}
    return min(sums)[1]
    {% endif %}


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


def report():
    """Return what the agent reports, as (group, figure) or (group, figure, count) in its order."""
    {% if output == "table" %}
    rows = [tuple(row) for row in csv.reader(read_output("report.csv").splitlines())]
    if not rows or rows[0] != ("{{ group_column }}", "figure"):
        raise Refused("report.csv has another header")
    return rows[1:]
    {% elif output == "object" %}
    try:
        found = json.loads(read_output("report.json"), object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise Refused("report.json is no JSON") from None
    pairs = found if isinstance(found, list) else []
    return sorted((pair[0], pair[1]) for pair in pairs if isinstance(pair, tuple) and isinstance(pair[1], str))
    {% else %}
    lines = read_output("report.txt").splitlines()
    matches = [re.fullmatch(r"(.{1,80}): (\S{1,40}) \((\d{1,6})\)", line) for line in lines]
    if not all(matches):
        raise Refused("a line of report.txt has another form")
    return [(match[1], match[2], int(match[3])) for match in matches]
    {% endif %}


def judge():
    """Return the reward as a fraction, and what is to be said of it."""
    groups, rejects = expected()
    {% if output == "ranking" %}
    names = sorted(groups, key=lambda name: (-len(groups[name]), name))
    wanted = [(name, figure(groups[name], groups), len(groups[name])) for name in names]
    {% else %}
    wanted = [(name, figure(groups[name], groups)) for name in sorted(groups)]
    {% endif %}
    try:
        found = report()
        {% if orphans == "rejects" %}
        listed = read_output("rejects.txt").split()
        {% endif %}
    except Refused as refused:
        return Fraction(0), str(refused)
    if found == wanted{{ " and listed == rejects" if orphans == "rejects" }}:
        return Fraction(1), "all of it is right"
    right = len(set(found) & set(wanted)) if len(found) <= len(wanted) + 1 else 0
    return Fraction(right, 2 * len(wanted)), f"{right} of {len(wanted)} lines are right"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "report", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(round(float(reward), 4))


if __name__ == "__main__":
    main()
