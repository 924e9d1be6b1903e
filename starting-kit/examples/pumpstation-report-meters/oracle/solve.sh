#!/bin/bash
set -euo pipefail
mkdir -p /root/report
head -n 3 /srv/station/*.csv

cat > /root/report.py <<'PY'
import csv
import math
import re
import struct
from datetime import datetime, timedelta

LIMIT_BAR, LEAST_POLLS = 2.5, 5


def read(name):
    return list(csv.DictReader(open(f"/srv/station/{name}.csv", newline="")))


def at(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


registers = {row["tag"]: row for row in read("registers")}
changes = {row["tag"]: row for row in read("meter_changes")}
calibrations = sorted(read("calibrations"), key=lambda row: row["valid_from"])


def raw(tag, words):
    """Return the number that the registers of a tag hold."""
    kind, first = registers[tag]["type"], int(registers[tag]["register"]) - 40001
    size = 2 if kind.endswith("32") else 1
    parts = words[first : first + size]
    if registers[tag]["order"] == "low-first":
        parts = parts[::-1]
    form = {"u16": ">H", "s16": ">h", "u32": ">I", "f32": ">f", "bits": ">H"}[kind]
    return struct.unpack(form, bytes.fromhex("".join(parts)))[0]


def true(tag, time, words):
    """Return the calibrated value in the register's unit."""
    value = raw(tag, words) * float(registers[tag]["scale"])
    valid = [row for row in calibrations if row["tag"] == tag and at(row["valid_from"]) <= time]
    return value * float(valid[-1]["gain"]) + float(valid[-1]["offset"]) if valid else value


polls = {}
for row in read("polls"):
    time, *words = row.values()
    if all(re.fullmatch("[0-9A-Fa-f]{4}", word) for word in words):
        polls[at(time)] = words
times = sorted(polls)


def counted(tag, before, time):
    """Return what a meter counted between two polls, in its unit."""
    size = 2 ** int(registers[tag]["type"][1:])
    start, end = raw(tag, polls[before]), raw(tag, polls[time])
    change = changes.get(tag)
    if change and before < at(change["time"]) <= time:
        count = (int(change["final_count"]) - start) % size + (end - int(change["first_count"])) % size
    else:
        count = (end - start) % size
    return count * float(registers[tag]["scale"])


volume, energy = [0.0] * 24, [0.0] * 24
for before, time in zip(times, times[1:]):
    hour = (time - timedelta(seconds=1)).hour
    volume[hour] += counted("flow_total", before, time)
    energy[hour] += counted("energy_total", before, time) / 1000

pressures = [(time, true("pressure", time, polls[time]) / 1000) for time in times]
pressures = [(time, bar) for time, bar in pressures if not math.isnan(bar)]
day = times[0].date()
sensors = []
for hour in range(24):
    bars = [bar for time, bar in pressures if time.date() == day and time.hour == hour]
    levels = [true("sump_level", t, polls[t]) / 100 for t in times if t.date() == day and t.hour == hour]
    sensors.append((hour, f"{sum(bars) / len(bars):.4f}", f"{min(levels):.4f}"))

starts = [0, 0]
for before, time in zip(times, times[1:]):
    for pump in (0, 1):
        was, runs = raw("status", polls[before]) >> pump & 1, raw("status", polls[time]) >> pump & 1
        starts[pump] += runs > was

alarms, run = [], []
for time, bar in [*pressures, (None, math.inf)]:
    if bar < LIMIT_BAR:
        run.append((time, bar))
        continue
    if len(run) >= LEAST_POLLS:
        alarms.append((f"{run[0][0]:%Y-%m-%dT%H:%M:%SZ}", f"{run[-1][0]:%Y-%m-%dT%H:%M:%SZ}", f"{min(b for _, b in run):.4f}"))
    run = []


def write(name, header, rows):
    with open(f"/root/report/{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(","), *rows])


write("hourly", "hour,volume_m3,energy_kwh", [(h, f"{volume[h]:.2f}", f"{energy[h]:.2f}") for h in range(24)])
write("sensors", "hour,mean_bar,lowest_level_m", sensors)
write("pumps", "pump,starts", enumerate(starts, 1))
write("alarms", "start,end,lowest_bar", alarms)
PY

python3 /root/report.py
paste -d, /root/report/hourly.csv /root/report/sensors.csv
cat /root/report/pumps.csv /root/report/alarms.csv
