#!/bin/bash
set -euo pipefail
wc -l {{ log }}
head -n 3 {{ log }}

cat > /root/bursts.py <<'PY'
import csv
import ipaddress
import json
import re
import shlex
from collections import defaultdict
from datetime import datetime, timedelta, timezone

{% if format == "combined" %}
LINE = re.compile(r'(\S+) \S+ (\S+) \[(.+?)\] "(\S+) (\S+) [^"]*" (\S+) (\d+) "[^"]*" "[^"]*" (\S+)')

def read(line):
    address, account, stamp, method, path, status, size, number = LINE.match(line).groups()
    when = datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S %z")
    return when, number, address, account, method, path, status, int(size)
{% elif format == "jsonl" %}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

def read(line):
    one = json.loads(line)
    http, when = one["http"], EPOCH + timedelta(milliseconds=one["ts"])
    return when, one["req"], one["ip"], one["user"], http["verb"], http["target"], http["code"], one["out"]
{% elif format == "logfmt" %}
def read(line):
    pairs = dict(word.split("=", 1) for word in shlex.split(line))
    method, path = pairs["req"].split(" ")
    when = datetime.strptime(pairs["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return when, pairs["id"], pairs["src"], pairs["user"], method, path, pairs["status"], int(pairs["bytes"])
{% else %}
def read(line):
    stamp, offset, number, status, method, path, address, account, size = line.rstrip("\n").split("|")
    when = datetime.fromisoformat(stamp.replace(" ", "T") + offset)
    return when, number, address, account, method, path, status, int(size)
{% endif %}

with open("{{ log }}", encoding="utf-8") as file:
    requests = [read(line) for line in file]
{% if noise == "repeats" %}
seen = set()
requests = [one for one in requests if not (one[1] in seen or seen.add(one[1]))]
{% elif noise == "torn" %}
torn = [one for one in requests if one[6] == "-"]
requests = [one for one in requests if one[6] != "-"]
with open("/root/torn.txt", "w") as file:
    print(len(torn), file=file)
{% elif noise == "skewed" %}
fast = timedelta(seconds={{ skew }})
requests = [(when - fast, number, *rest) if number[0] == "b" else (when, number, *rest) for when, number, *rest in requests]
requests.sort(key=lambda one: one[0])  # stable: equal times stay in their order
{% else %}
ours = ipaddress.ip_network("{{ trusted }}")
requests = [one for one in requests if ipaddress.ip_address(one[2]) not in ours]
{% endif %}

history = defaultdict(list)
for when, number, address, account, method, path, status, size in requests:
    {% if who == "address" %}
    name = address
    {% elif who == "network" %}
    name = address.rpartition(".")[0] + ".0/24"
    {% elif who == "account" %}
    if account == "-":
        continue
    name = account
    {% else %}
    name = path.partition("?")[0].split("/")[1] or "root"
    {% endif %}
    {% if event == "denied" %}
    history[name].append((when, status in ("401", "403")))
    {% elif event == "failed" %}
    history[name].append((when, status.isdigit() and int(status) >= 500))
    {% elif event == "large" %}
    history[name].append((when, size > {{ large }}))
    {% else %}
    history[name].append((when, method not in ("GET", "HEAD")))
    {% endif %}

{% if window == "sliding" %}
def bursts(requests):
    events = [when for when, counts in requests if counts]
    for start, first in enumerate(events):
        yield [when for when in events[start:] if when - first <= timedelta(seconds={{ seconds }})]
{% elif window == "clock" %}
def bursts(requests):
    slots = defaultdict(list)
    for when, counts in requests:
        if counts:
            slots[int(when.timestamp()) // ({{ minutes }} * 60)].append(when)
    return slots.values()
{% elif window == "session" %}
def bursts(requests):
    sessions = []
    for when in (when for when, counts in requests if counts):
        if not sessions or when - sessions[-1][-1] > timedelta(seconds={{ gap }}):
            sessions.append([])
        sessions[-1].append(when)
    return sessions
{% else %}
def bursts(requests):
    streaks = [[]]
    for when, counts in requests:
        if counts:
            streaks[-1].append(when)
        else:
            streaks.append([])
    return streaks
{% endif %}

peaks = {}
for name, requests_of_name in history.items():
    longest = max(bursts(requests_of_name), key=len, default=[])  # of equal ones, the first
    if longest:
        peaks[name] = longest

{% if output == "table" %}
with open("/root/bursts.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["name", "peak", "first"])
    for name in sorted(peaks):
        first = peaks[name][0].astimezone(timezone.utc)
        table.writerow([name, len(peaks[name]), first.strftime("%Y-%m-%dT%H:%M:%SZ")])
{% elif output == "watchlist" %}
ranked = sorted(peaks, key=lambda name: (-len(peaks[name]), name))
last = len(peaks[ranked[:{{ top }}][-1]])
with open("/root/watchlist.txt", "w") as file:
    file.writelines(f"{name} {len(peaks[name])}\n" for name in ranked if len(peaks[name]) >= last)
{% else %}
totals = {name: sum(counts for _, counts in history[name]) for name in peaks}
with open("/root/bursts.json", "w") as file:
    json.dump({name: {"peak": len(peaks[name]), "events": totals[name]} for name in peaks}, file, indent=1)
{% endif %}
PY

python3 /root/bursts.py
head -n 20 /root/{{ "watchlist.txt" if output == "watchlist" else "bursts.*" }}
