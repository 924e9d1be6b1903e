"""Score the report by dimension: write each as a test in CTRF, and print the weighted mean of their shares.

    python3 score.py ctrf.json

Works the report out from the pristine polls, in fractions; reads the agent's files as text alone.
"""

import csv
import json
import os
import re
import struct
import sys
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path

REPORT = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "report"
STATION = Path("/srv/station")
MIDNIGHT = datetime(2025, 2, 11, tzinfo=timezone.utc)
HOURS = range(24)
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def table(name):
    """Return a file of the station as a list of dicts."""
    with (STATION / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seconds(stamp):
    """Return the seconds since the day began."""
    return int((datetime.fromisoformat(stamp.replace("Z", "+00:00")) - MIDNIGHT).total_seconds())


def used_polls():
    """Return second → what the poll holds as one number of 112 bits, in order of time."""
    polls = {}
    for row in table("polls"):
        words = [row[str(register)] for register in range(40001, 40008)]
        if all(len(word) == 4 and set(word) <= set("0123456789ABCDEFabcdef") for word in words):
            polls[seconds(row["time"])] = int("".join(words), 16)
    return dict(sorted(polls.items()))


POLLS = used_polls()
REGISTERS = {row["tag"]: row for row in table("registers")}


def bits(tag, poll):
    """Return the word or words of a tag as one number without sign."""
    row = REGISTERS[tag]
    place = int(row["register"]) - 40001
    if not row["type"].endswith("32"):
        return poll >> 16 * (6 - place) & 0xFFFF
    both = poll >> 16 * (5 - place) & 0xFFFFFFFF
    return both if row["order"] == "high-first" else both >> 16 | (both & 0xFFFF) << 16


def calibrated(tag, second, number):
    """Return the true value in the unit of the register."""
    value, latest = number * Fraction(REGISTERS[tag]["scale"]), None
    for row in table("calibrations"):
        since = seconds(row["valid_from"])
        if row["tag"] == tag and since <= second and (latest is None or since > latest):
            latest = since
            result = value * Fraction(row["gain"]) + Fraction(row["offset"])
    return value if latest is None else result


def pressures():
    """Return second → bar of the polls that have a pressure."""
    found = {}
    for second, poll in POLLS.items():
        (mbar,) = struct.unpack("=f", struct.pack("=I", bits("pressure", poll)))
        if mbar == mbar:
            found[second] = calibrated("pressure", second, Fraction(mbar)) / 1000
    return found


BAR = pressures()


def metered(tag, units):
    """Return hour → what was counted; adds up from the start and takes the difference of the full hours."""
    size, total, sums, before = 2 ** int(REGISTERS[tag]["type"][1:]), 0, {}, None
    changes = [(seconds(row["time"]), row) for row in table("meter_changes") if row["tag"] == tag]
    for second, poll in POLLS.items():
        count = bits(tag, poll)
        for when, row in changes:
            if before is not None and before[0] < when <= second:
                total += (int(row["final_count"]) - before[1]) % size
                before = when, int(row["first_count"])
        total += (count - before[1]) % size if before else 0
        before = second, count
        sums[second] = total
    at_hour = [max((second, sums[second]) for second in sums if second <= 3600 * hour)[1] for hour in range(25)]
    return {str(h): (at_hour[h + 1] - at_hour[h]) * Fraction(REGISTERS[tag]["scale"]) / units for h in HOURS}


def mean_pressures():
    """Return hour → mean bar."""
    hours = {hour: [bar for second, bar in BAR.items() if second // 3600 == hour] for hour in HOURS}
    return {str(hour): sum(bars) / len(bars) for hour, bars in hours.items()}


def lowest_levels():
    """Return hour → lowest level in metres."""
    hours = {str(hour): [] for hour in HOURS}
    for second, poll in POLLS.items():
        if second < 86400:
            word = bits("sump_level", poll)
            number = word - 65536 if word >= 32768 else word
            hours[str(second // 3600)].append(calibrated("sump_level", second, number) / 100)
    return {hour: min(levels) for hour, levels in hours.items()}


def pump_starts():
    """Return pump → starts."""
    status = [bits("status", poll) for poll in POLLS.values()]
    return {
        str(pump): sum("01" == f"{a >> pump - 1 & 1}{b >> pump - 1 & 1}" for a, b in zip(status, status[1:]))
        for pump in (1, 2)
    }


def alarms():
    """Return start → (end, lowest bar), from the letters that the polls make in a row."""
    order = sorted(BAR)
    letters = "".join("L" if BAR[second] < Fraction(5, 2) else "." for second in order)
    found = {}
    for run in re.finditer("L{5,}", letters):
        polls = order[run.start() : run.end()]
        found[stamp(polls[0])] = stamp(polls[-1]), min(BAR[second] for second in polls)
    return found


def stamp(second):
    """Return a time as the station writes it."""
    return datetime.fromtimestamp(MIDNIGHT.timestamp() + second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(name, header):
    """Return first column → the other columns of a file that the agent wrote."""
    path = REPORT / f"{name}.csv"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 100_000:
        raise Refused(f"{path} is no file of at most 100 kB")
    lines = path.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    rows = [[value.strip() for value in line.split(",")] for line in lines if line.strip()]
    if not rows or rows[0] != header.split(","):
        raise Refused(f"{path}: the header must be {header}")
    found = {row[0].lstrip("0") or "0": row[1:] for row in rows[1:] if len(row) == len(rows[0])}
    if len(found) != len(rows) - 1:
        raise Refused(f"{path}: a line is there twice, or has more or fewer values than the header")
    return found


def near(text, value, margin):
    """Return whether a number that the agent wrote is right."""
    return NUMBER.fullmatch(text) is not None and abs(Fraction(text) - value) <= Fraction(margin)


def share_of_numbers(file, column, expected, margin):
    """Return the share of expected values that stand in a column of a file."""
    rows = written(*file)
    right = sum(key in rows and near(rows[key][column], value, margin) for key, value in expected.items())
    return Fraction(right, len(expected))


def share_of_alarms(file, expected):
    """Return the share of alarms that are right, of those expected or, if more, written."""
    rows = written(*file)
    right = sum(
        start in rows and rows[start][0] == end and near(rows[start][1], lowest, "0.001")
        for start, (end, lowest) in expected.items()
    )
    return Fraction(right, max(len(expected), len(rows)))


HOURLY = ("hourly", "hour,volume_m3,energy_kwh")
SENSORS = ("sensors", "hour,mean_bar,lowest_level_m")
DIMENSIONS = {
    "volumes": (3, lambda: share_of_numbers(HOURLY, 0, metered("flow_total", 1), "0.01")),
    "energies": (3, lambda: share_of_numbers(HOURLY, 1, metered("energy_total", 1000), "0.01")),
    "pressures": (2, lambda: share_of_numbers(SENSORS, 0, mean_pressures(), "0.001")),
    "levels": (1, lambda: share_of_numbers(SENSORS, 1, lowest_levels(), "0.001")),
    "pumps": (1, lambda: share_of_numbers(("pumps", "pump,starts"), 0, pump_starts(), 0)),
    "alarms": (2, lambda: share_of_alarms(("alarms", "start,end,lowest_bar"), alarms())),
}
"""Name → its weight in verifier.md, and what works out its share of 1."""


def judge(share):
    """Return the share of a dimension, and what is to be said of it."""
    try:
        value = share()
    except Refused as refused:
        return Fraction(0), str(refused)
    return value, f"{value} of it is right"


def main():
    reward, tests = Fraction(0), []
    for name, (weight, share) in DIMENSIONS.items():
        value, message = judge(share)
        reward += weight * value
        tests.append({"name": name, "status": "passed" if value == 1 else "failed", "duration": 0, "message": message})
    passed = sum(test["status"] == "passed" for test in tests)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    summary = {"tests": len(tests), "passed": passed, "failed": len(tests) - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": tests}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}, indent=2) + "\n", encoding="utf-8")
    print(round(float(reward / sum(weight for weight, _ in DIMENSIONS.values())), 4))


if __name__ == "__main__":
    main()
