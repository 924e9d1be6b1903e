#!/bin/bash
set -euo pipefail
cd /srv/windfarm
cat fleet.csv status_codes.csv
head -n 4 power_curves.csv scada/*.csv
# The two hours of the change, as a turbine on local time wrote them down.
grep -n '27.10.2024 0[123]:' scada/WT02.csv
# Which statuses are there, and what stands where a number should?
cut -d';' -f5 scada/WT0[12].csv | sort | uniq -c
grep -nE '[;,](-|[A-Za-z/]*|-?9{4,}[.,]?0?)[;,]' scada/*.csv | head -n 30

cat > /root/report.py <<'PY'
import csv
import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from statistics import fmean

FARM = "/srv/windfarm/"
START = datetime(2024, 10, 25, 22)  # 26 October 00:00 local time, in UTC
STEP = timedelta(minutes=10)
COUNT = 438


def table(path, delimiter=","):
    with open(FARM + path, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


FLEET = table("fleet.csv")
CODES = {row["code"]: (int(row["rank"]), row["class"]) for row in table("status_codes.csv")}
CURVES = table("power_curves.csv")


def slot(moment, stamp):
    """Return the number of the interval, None for a stamp between two intervals."""
    since, rest = divmod(moment - START, STEP)
    return None if rest else since - (stamp == "end")


def rows_by_interval(turbine):
    """Return interval -> row; later rows of the file replace earlier ones."""
    path, found = f"scada/{turbine['turbine']}.csv", {}
    if turbine["clock"] == "utc":
        for row in table(path):
            found[slot(datetime.strptime(row["stamp"], "%Y-%m-%dT%H:%MZ"), turbine["stamp"])] = row
    else:
        # In the order of rec the wall clock steps back exactly once. The sort keeps copies in the order of the file.
        before, offset = datetime.min, 2
        for row in sorted(table(path, ";"), key=lambda row: int(row["rec"])):
            wall = datetime.strptime(row["stamp"], "%d.%m.%Y %H:%M")
            if wall < before:
                offset = 1
            before = wall
            found[slot(wall - timedelta(hours=offset), turbine["stamp"])] = row
    return {number: found[number] for number in range(COUNT) if number in found}


def number(text, clock):
    comma = "," if clock == "local" else r"\."
    return float(text.replace(",", ".")) if re.fullmatch(rf"-?\d+({comma}\d+)?", text) else None


def winds_of(rows, clock):
    """Return interval -> valid wind, and the stuck runs as (first, length)."""
    winds = {at: number(row["wind_ms"], clock) for at, row in rows.items()}
    winds = {at: wind for at, wind in winds.items() if wind is not None and 0 <= wind <= 40}
    # Neighbours with one wind share (wind, place in order - interval): a gap changes the difference.
    order = sorted(winds)
    runs = [
        [at for _, at in run]
        for _, run in groupby(enumerate(order), key=lambda pair: (winds[pair[1]], pair[1] - pair[0]))
    ]
    stuck = [(run[0], len(run)) for run in runs if len(run) >= 6]
    for first, length in stuck:
        for at in range(first, first + length):
            del winds[at]
    return winds, stuck


def power_of(row, turbine):
    value, rated = number(row["power_kw"], turbine["clock"]) if row else None, int(turbine["rated_kw"])
    return value if value is not None and -2 * rated <= 100 * value <= 105 * rated else None


def curve(kind, wind):
    points = [(float(row["wind_ms"]), float(row[kind])) for row in CURVES]
    for (low, below), (high, above) in zip(points, points[1:]):
        if low <= wind <= high:
            return below + (above - below) * (wind - low) / (high - low)
    return 0.0


def classes_of(rows):
    """Return the class of each interval."""
    found, at = [], 0
    while at < COUNT:
        if at in rows:
            known = [CODES[code] for code in rows[at]["status"].split("/") if code in CODES]
            found.append(min(known)[1] if known else "fault")
            at += 1
        else:
            end = next((later for later in range(at, COUNT) if later in rows), COUNT)
            found += [found[-1] if at > 0 and end - at <= 3 else "nodata"] * (end - at)
            at = end
    return found


rows = {t["turbine"]: rows_by_interval(t) for t in FLEET}
winds, stuck = {}, []
for turbine in FLEET:
    name = turbine["turbine"]
    winds[name], runs = winds_of(rows[name], turbine["clock"])
    stuck += [(name, f"{START + first * STEP:%Y-%m-%dT%H:%MZ}", length) for first, length in runs]

report = []
for turbine in FLEET:
    name, kind = turbine["turbine"], turbine["type"]
    classes = classes_of(rows[name])
    energy, lost = 0.0, Counter()
    for at, group in enumerate(classes):
        power = power_of(rows[name].get(at), turbine) or 0.0
        energy += power / 6
        wind = winds[name].get(at)
        if wind is None:
            others = [winds[other][at] for other in winds if at in winds[other]]
            wind = fmean(others) if others else None
        if wind is not None:
            lost[group] += max(0.0, curve(kind, wind) - power) / 6
    count = Counter(classes)
    base = COUNT - count["nodata"] - count["external"]
    report.append([
        name, *(count[group] for group in ("nodata", "external", "service", "fault")),
        f"{100 * (count['run'] + count['ready']) / base:.3f}", f"{energy:.3f}",
        f"{lost['service'] + lost['fault']:.3f}", f"{lost['external']:.3f}",
    ])

HEADER = "turbine,nodata,external,service,fault,availability_pct,energy_kwh,lost_own_kwh,lost_external_kwh"
with open("/root/availability.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([HEADER.split(","), *report])
with open("/root/stuck.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([("turbine", "begin", "intervals"), *stuck])
PY

python3 /root/report.py
cat /root/availability.csv /root/stuck.csv
