"""Score the report: all nodes right, or half of the share that is.

    python3 score.py ctrf.json

Improves the values of all nodes line by line until nothing changes, from the files in the pristine image.
"""

import csv
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
GRID = Path("/srv/grid")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def text_lines(name):
    """Return the lines of a file of the grid."""
    return (GRID / name).read_text(encoding="utf-8").splitlines()


def arcs():
    """Return the ways that are open as (from, to, metres, capacity)."""
    found = []
    {% if lines == "rows" %}
    for text in text_lines("lines.csv")[1:]:
        name, start, end, metres, capacity = text.split(",")
        found.append((name, start, end, int(metres), int(capacity)))
    {% elif lines == "neighbours" %}
    for text in text_lines("lines.txt"):
        start, arrow, *others = text.split(" ")
        for other in others:
            end, _, told = other.rstrip(")").partition("(")
            name, metres, capacity = told.split(",")
            found.append((name, start, end, int(metres), int(capacity)))
    {% else %}
    for text in text_lines("lines.jsonl"):
        one = json.loads(text, parse_float=Decimal)
        found.append((one["id"], one["ends"][0], one["ends"][1], int(one["length_km"] * 1000), one["capacity"]))
    {% endif %}
    open_ways = []
    for name, start, end, metres, capacity in found:
        if is_used(name, capacity):
            open_ways.append((start, end, metres, capacity))
            {% if direction == "both" %}
            open_ways.append((end, start, metres, capacity))
            {% elif direction == "valves" %}
            open_ways += [(end, start, metres, capacity)] if name[-1] != "v" else []
            {% endif %}
    return open_ways


def is_used(name, capacity):
    """Say whether a line is in use."""
    {% if state == "switching" %}
    mine = sorted(text for text in text_lines("switching.log") if text.split(" ")[2] == name)
    return not mine or mine[-1].split(" ")[1] == "close"
    {% elif state == "outages" %}
    for text in text_lines("outages.csv")[1:]:
        line, begin, end = text.split(",")
        if line == name and not begin > "{{ now }}" and end > "{{ now }}":
            return False
    return True
    {% else %}
    return capacity >= {{ least }}
    {% endif %}


def expected():
    """Return node → (its area, its value), without plants."""
    area = dict(text.split(",") for text in text_lines("nodes.csv")[1:])
    {% if plants == "named" %}
    plants = {"{{ plant }}"}
    {% elif plants == "listed" %}
    plants = set(text_lines("plants.txt"))
    {% else %}
    plants = {node for node in area if node[0] == "P"}
    {% endif %}
    best = dict.fromkeys(plants, {{ "float('-inf')" if query == "bottleneck" else "0" }})
    ways, changed = arcs(), True
    while changed:
        changed = False
        for start, end, metres, capacity in ways:
            if start not in best:
                continue
            {% if query == "bottleneck" %}
            new = max(best[start], -capacity)
            {% elif query == "distance" %}
            new = best[start] + metres
            {% else %}
            new = best[start] + 1
            {% endif %}
            if end not in best or new < best[end]:
                best[end] = new
                changed = True
    {% if query == "supply" %}
    value = {node: "supplied" if node in best else "dark" for node in area}
    {% elif query == "bottleneck" %}
    value = {node: f"{-best[node]}" if node in best else "none" for node in area}
    {% else %}
    value = {node: f"{best[node]}" if node in best else "none" for node in area}
    {% endif %}
    return {node: (area[node], value[node]) for node in sorted(area) if node not in plants}


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
    """Return what the agent wrote and what is right, as lists in the order that was asked for."""
    nodes = expected()
    {% if output == "table" %}
    mine = [tuple(row) for row in csv.reader(read_output("report.csv").splitlines())]
    if mine[:1] != [("node", "value")]:
        raise Refused("report.csv has another header")
    return mine[1:], [(node, value) for node, (_, value) in nodes.items()]
    {% elif output == "groups" %}
    try:
        groups = json.loads(read_output("report.json"))
    except (ValueError, RecursionError):
        raise Refused("report.json is no JSON") from None
    if not isinstance(groups, dict) or not all(isinstance(part, list) and part for part in groups.values()):
        raise Refused("report.json is no object of lists")
    mine = [(value, str(node)) for value in sorted(groups) for node in groups[value]]
    return mine, sorted((value, node) for node, (_, value) in nodes.items())
    {% else %}
    mine = [(line.partition(": ")[0], told) for line in read_output("report.txt").splitlines() for told in line.partition(": ")[2].split(" ")]
    lines = len(read_output("report.txt").splitlines())
    if lines != len({area for area, _ in nodes.values()}):
        raise Refused("report.txt has not one line per area")
    return mine, sorted((area, f"{node}={value}") for node, (area, value) in nodes.items())
    {% endif %}


def judge():
    """Return the reward, and what is to be said of it."""
    try:
        mine, right = compared()
    except Refused as refused:
        return 0.0, str(refused)
    if mine == right:
        return 1.0, "all nodes are right"
    {% if query == "supply" %}
    return 0.0, "not all nodes are right, and of two values half would be right by chance"
    {% else %}
    hits = len(set(mine) & set(right)) if len(mine) <= len(right) else 0
    return round(hits / len(right) / 2, 4), f"{hits} of {len(right)} nodes are right"
    {% endif %}


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "report", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(reward)


if __name__ == "__main__":
    main()
