"""A network of lines between nodes, with switches, outages and valves that cut parts of it off."""

import json
from datetime import datetime, timedelta

AREAS = ("Harbour", "Hill", "Market", "Station")
NOW = datetime(2025, 3, 14, 12, 0)


def network(nodes, random):
    """Return lines as (name, from, to, length in m, capacity): a random tree and as many lines across it."""
    ends = [(random.choice(nodes[:place]), nodes[place]) for place in range(1, len(nodes))]
    ends += [tuple(random.sample(nodes, 2)) for _ in range(len(nodes))]
    names = random.sample(range(100, 999), len(ends))
    lines = []
    for number, pair in zip(names, ends, strict=True):
        start, end = pair if random.random() < 0.6 else pair[::-1]
        name = f"L{number}{'v' if random.random() < 0.35 else ''}"
        lines.append((name, start, end, random.randrange(4, 90) * 10, random.randrange(1, 25) * 5))
    return lines


def states(lines, state, random):
    """Return the file that says which lines are in use, as name and rows."""
    rows = []
    for name, *_ in lines:
        if state == "switching" and random.random() < 0.6:
            for _ in range(random.randrange(1, 4)):
                when = NOW - timedelta(minutes=random.randrange(9000))
                rows.append(f"{when:%Y-%m-%dT%H:%M} {random.choice(['open', 'open', 'close'])} {name}")
        if state == "outages" and random.random() < 0.6:
            for _ in range(random.randrange(1, 3)):
                start = NOW + timedelta(hours=random.choice([-30, -9, -4, -2, 0, 0, 3]))
                end = random.choice([NOW, start + timedelta(hours=4), start + timedelta(hours=11)])
                rows.append(f"{name},{start:%Y-%m-%d %H:%M},{max(end, start + timedelta(hours=1)):%Y-%m-%d %H:%M}")
    random.shuffle(rows)
    if state == "switching":
        return "switching.log", rows
    return "outages.csv", ["line,from,until", *rows]


def make(values, random):
    """Return the words of the prompt, and the files."""
    nodes = random.sample([f"N{number:02d}" for number in range(1, 90)], 30) + ["P1", "P2", "P3"]
    random.shuffle(nodes)
    lines = network(nodes, random)
    files = {"nodes.csv": ["node,area", *(f"{node},{random.choice(AREAS)}" for node in nodes)]}
    if values["lines"] == "rows":
        rows = [",".join(map(str, line)) for line in lines]
        files["lines.csv"] = ["line,start,end,length,capacity", *rows]
    elif values["lines"] == "neighbours":
        rows = []
        for node in nodes:
            told = [
                f"{end}({name},{length},{capacity})" for name, start, end, length, capacity in lines if start == node
            ]
            rows += [f"{node} > {' '.join(told)}"] if told else []
        files["lines.txt"] = rows
    else:
        keys = ("id", "ends", "length_km", "capacity")
        records = [dict(zip(keys, (n, [a, b], length / 1000, cap), strict=True)) for n, a, b, length, cap in lines]
        files["lines.jsonl"] = [json.dumps(record) for record in records]
    if values["state"] != "ratings":
        name, rows = states(lines, values["state"], random)
        files[name] = rows
    several = random.sample([node for node in nodes if node[0] == "N"], 3)
    if values["plants"] == "listed":
        files["plants.txt"] = several
    words = {"plant": several[0], "least": random.choice([45, 50, 55, 60]), "now": f"{NOW:%Y-%m-%d %H:%M}"}
    return words, {f"environment/grid/{name}": "\n".join(rows) + "\n" for name, rows in files.items()}
