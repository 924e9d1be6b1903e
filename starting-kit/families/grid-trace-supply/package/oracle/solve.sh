#!/bin/bash
set -euo pipefail
head -n 4 /srv/grid/*

cat > /root/trace.py <<'PY'
import csv
import heapq
import json
import re
from collections import defaultdict, deque

with open("/srv/grid/nodes.csv", newline="") as file:
    areas = {row["node"]: row["area"] for row in csv.DictReader(file)}

{% if lines == "rows" %}
with open("/srv/grid/lines.csv", newline="") as file:
    lines = [(r["line"], r["start"], r["end"], int(r["length"]), int(r["capacity"])) for r in csv.DictReader(file)]
{% elif lines == "neighbours" %}
lines = []
for text in open("/srv/grid/lines.txt"):
    start, _, others = text.partition(" > ")
    for end, name, length, capacity in re.findall(r"(\w+)\((\w+),(\d+),(\d+)\)", others):
        lines.append((name, start, end, int(length), int(capacity)))
{% else %}
lines = []
for text in open("/srv/grid/lines.jsonl"):
    record = json.loads(text)
    metres = round(record["length_km"] * 1000)  # back to whole metres
    lines.append((record["id"], *record["ends"], metres, record["capacity"]))
{% endif %}

{% if state == "switching" %}
latest = {}
for text in open("/srv/grid/switching.log"):
    when, operation, name = text.split()
    latest[name] = max(latest.get(name, ("", "")), (when, operation))  # "open" sorts after "close"
out_of_use = {name for name, (_, operation) in latest.items() if operation == "open"}
{% elif state == "outages" %}
with open("/srv/grid/outages.csv", newline="") as file:
    out_of_use = {row["line"] for row in csv.DictReader(file) if row["from"] <= "{{ now }}" < row["until"]}
{% else %}
out_of_use = {name for name, _, _, _, capacity in lines if capacity < {{ least }}}
{% endif %}

ways = defaultdict(list)
for name, start, end, length, capacity in lines:
    if name in out_of_use:
        continue
    ways[start].append((end, length, capacity))
{% if direction == "both" %}
    ways[end].append((start, length, capacity))
{% elif direction == "valves" %}
    if not name.endswith("v"):
        ways[end].append((start, length, capacity))
{% endif %}

{% if plants == "named" %}
plants = ["{{ plant }}"]
{% elif plants == "listed" %}
plants = open("/srv/grid/plants.txt").read().split()
{% else %}
plants = [node for node in areas if node.startswith("P")]
{% endif %}

{% if query == "supply" %}
reached, waiting = set(plants), list(plants)
while waiting:
    for node, _, _ in ways[waiting.pop()]:
        if node not in reached:
            reached.add(node)
            waiting.append(node)
values = {node: "supplied" if node in reached else "dark" for node in areas}
{% elif query == "distance" %}
metres, heap = {}, [(0, plant) for plant in plants]
while heap:
    so_far, node = heapq.heappop(heap)
    if node not in metres:
        metres[node] = so_far
        for other, length, _ in ways[node]:
            heapq.heappush(heap, (so_far + length, other))
values = {node: str(metres.get(node, "none")) for node in areas}
{% elif query == "bottleneck" %}
# Like the search for shortest ways, but the widest route comes first.
widest, heap = {}, [(-10**9, plant) for plant in plants]
while heap:
    width, node = heapq.heappop(heap)
    if node not in widest:
        widest[node] = -width
        for other, _, capacity in ways[node]:
            heapq.heappush(heap, (max(width, -capacity), other))
values = {node: str(widest.get(node, "none")) for node in areas}
{% else %}
count, queue = dict.fromkeys(plants, 0), deque(plants)
while queue:
    node = queue.popleft()
    for other, _, _ in ways[node]:
        if other not in count:
            count[other] = count[node] + 1
            queue.append(other)
values = {node: str(count.get(node, "none")) for node in areas}
{% endif %}

report = {node: values[node] for node in sorted(areas) if node not in plants}
{% if output == "table" %}
with open("/root/report.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["node", "value"])
    table.writerows(report.items())
{% elif output == "groups" %}
groups = defaultdict(list)
for node, value in report.items():
    groups[value].append(node)
with open("/root/report.json", "w") as file:
    json.dump(groups, file, indent=2, sort_keys=True)
{% else %}
with open("/root/report.txt", "w") as file:
    for area in sorted({areas[node] for node in report}):
        told = [f"{node}={value}" for node, value in report.items() if areas[node] == area]
        print(f"{area}: {' '.join(told)}", file=file)
{% endif %}
print(len(out_of_use), "lines out of use,", len(plants), "plants,", len(report), "nodes")
PY

python3 /root/trace.py
head -n 6 /root/report.*
