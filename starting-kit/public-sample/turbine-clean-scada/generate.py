"""Write three days of four wind turbines, as two vendors export them, into the image's folder.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file: it says which interval was made to mislead, and how.
Intervals are counted from the beginning of the period, 2024-10-26 00:00 local time, which is 2024-10-25T22:00Z; the
clock is set back at the end of interval 161.
"""

import random
from datetime import datetime, timedelta
from pathlib import Path

FARM = Path(__file__).resolve().parent / "environment" / "windfarm"
SEED = 20241027
FIRST = datetime(2024, 10, 25, 22)
CHANGE = datetime(2024, 10, 27, 1)
INTERVALS = 438
OUTSIDE = 3
"""Intervals before and after the period that the exports hold, too."""
STEP = timedelta(minutes=10)

CURVES = {
    "N-2300": [0, 25, 96, 212, 388, 640, 968, 1340, 1700, 1990, 2170, 2260, 2300],
    "K-3050": [0, 38, 121, 268, 492, 811, 1224, 1704, 2180, 2570, 2830, 2985, 3050],
}
"""Type → kW at 2.5, 3.5, … 14.5 m/s; from there on the last one."""

CODES = """code,text,class,rank
1,power production,run,11
2,power production with noise limit,run,10
10,waiting for wind,ready,9
11,untwisting cables,ready,8
40,curtailed by grid operator,external,5
41,shadow flicker stop,external,7
50,planned service,service,3
51,remote stop by service,service,6
103,gearbox oil temperature high,fault,2
117,pitch battery voltage low,fault,1
140,converter not ready,fault,4
"""

FLEET = {"WT01": ("local", "N-2300"), "WT02": ("local", "N-2300"), "WT03": ("utc", "K-3050"), "WT04": ("utc", "K-3050")}

EVENTS = {
    # turbine: (first interval, how many, status; what it does there)
    "WT01": [
        (60, 14, "140", 0),
        (118, 9, "40/1", 700),
        (156, 4, "117", 0),  # half an hour of it in the first 02:00 to 02:50, up to what the missing row was
        (165, 8, "103/50", 0),  # the code of the lower rank is the fault
        (240, 20, "50", -12),
        (330, 6, "41/51", 0),  # the stop by service ranks before the shadow
        (388, 11, "11/1", 410),
    ],
    "WT02": [
        (30, 7, "999/40", 350),  # 999 stands nowhere and does not count
        (44, 3, "999", 0),  # alone it is a fault
        (158, 3, "40", 300),
        (163, 2, "140", 0),
        (210, 30, "50/140", 0),
        (300, 12, "103", 0),
        (425, 16, "140", 0),  # goes on behind the end of the period
    ],
    "WT03": [
        (-3, 7, "117", 0),  # began before the period
        (90, 16, "103", 0),
        (152, 20, "50", -15),
        (280, 5, "40/140", 0),  # the fault ranks before the curtailment
        (350, 22, "41", 0),
        (400, 3, "2/10", 30),
    ],
    "WT04": [
        (20, 6, "50", 0),
        (130, 12, "40", 1200),
        (198, 16, "140", 0),
        (260, 18, "51/1", 900),
        (370, 9, "117/1", 60),
    ],
}
STUCK = {
    # turbine: (first interval, how many, value)
    "WT01": [(62, 8, 6.31), (97, 8, 13.95), (240, 5, 8.02), (334, 6, 9.9)],  # 5 are too few; a bad one ends a run
    "WT02": [(157, 7, 7.45), (302, 6, 0.0)],  # over the change of the clock
    "WT03": [(92, 12, 9.18), (354, 6, 11.27), (360, 6, 11.28)],
    "WT04": [(-3, 7, 7.13), (199, 5, 10.06), (205, 4, 10.06), (371, 6, 5.5)],  # one began earlier; then two with a gap
}
MISSING = {
    "WT01": [(153, 1), (161, 1), (247, 3), (300, 4), (434, 4)],
    "WT02": [(0, 2), (164, 1), (168, 1), (212, 3), (240, 1), (308, 1)],
    "WT03": [(96, 2), (160, 4), (290, 3)],
    "WT04": [(100, 17), (204, 1), (270, 3), (366, 5)],
}
BAD_WIND = {
    "WT01": {60: "", 71: "-", 170: "99,99", 246: "-1,20", 335: "n/a"},
    "WT02": {216: "99,99", 219: "", 301: "n/a", 309: "n/a", 310: "41,00"},
    "WT03": {94: "NaN", 155: "", 170: "-0.40", 301: "", 352: "inf"},
    "WT04": {93: "", 202: "45.1", 264: "", 265: "1e1", 301: "99.99"},
}
"""At 301 no turbine has a wind; WT01 has no row."""
BAD_POWER = {
    "WT01": {5: "9999,0", 120: "", 122: "-", 245: "-70,0", 260: "2416,0", 261: "2415,0", 262: "-46,0"},
    "WT02": {33: "-99999,0", 90: "", 34: "n/a", 301: ""},
    "WT03": {91: "", 200: "3202.6", 201: "3202.5", 202: "-61.1", 203: "-61.0"},
    "WT04": {131: "", 133: "NaN", 263: "-9999", 280: "3300.0"},
}
"""5% over the rated power and 2% of it below zero are still right."""


def curve(kind, wind):
    """Return the kW of a type at a wind speed."""
    points = CURVES[kind]
    if not 2.5 <= wind <= 25:
        return 0.0
    place = min(wind - 2.5, len(points) - 1)
    low = int(place)
    high = min(low + 1, len(points) - 1)
    return points[low] + (points[high] - points[low]) * (place - low)


def site_wind(rng):
    """Return the wind of the site by interval."""
    level, found = 7.5, {}
    for number in range(-OUTSIDE, INTERVALS + OUTSIDE):
        calm, storm = 5.0 * (180 <= number < 196), 16.0 * (310 <= number < 322)
        level += 0.06 * (9.0 - level) + rng.uniform(-0.75, 0.75)
        found[number] = max(0.6, level - calm + storm)
    return found


def event_at(turbine, number):
    """Return the status and the power of an interval, None where nothing happens."""
    for first, count, status, power in EVENTS[turbine]:
        if first <= number < first + count:
            return status, power
    return None


def interval(turbine, number, wind, rng):
    """Return wind, power and status of an interval as text with points, without what is bad in it."""
    kind = FLEET[turbine][1]
    own = max(0.2, wind * {"WT01": 1.0, "WT02": 0.96, "WT03": 1.05, "WT04": 1.01}[turbine] + rng.uniform(-0.4, 0.4))
    event = event_at(turbine, number)
    if event:
        status, power = event
    elif own < 3 or own > 25:
        status, power = "10", -8
    else:
        status, power = "1", min(CURVES[kind][-1], curve(kind, own) * rng.uniform(0.95, 1.03))
    shown = f"{own:.2f}"
    for first, count, value in STUCK[turbine]:
        if first <= number < first + count:
            shown = f"{value:.2f}"
    return shown, f"{power:.1f}", status


def local(moment):
    """Return a time in UTC as the clock on the wall shows it."""
    return moment + timedelta(hours=2 if moment < CHANGE else 1)


def is_missing(turbine, number):
    """Say whether the export has no row for an interval."""
    return any(first <= number < first + count for first, count in MISSING[turbine])


def rows_of(turbine, winds, rng):
    """Return the rows of a turbine in the order of time: the interval, and its cells."""
    rows, record = [], rng.randrange(40_000, 50_000)
    in_local = FLEET[turbine][0] == "local"
    for number in winds:
        record += rng.choice((1, 1, 1, 2, 5))
        wind, power, status = interval(turbine, number, winds[number], rng)
        if turbine == "WT01" and number == 209:  # written at a restart, between two intervals
            rows.append((None, [str(record), "27.10.2024 09:53", "7,10", "0,0", "140"]))
            record += 1
        if in_local:
            wind, power = wind.replace(".", ","), power.replace(".", ",")
        wind = BAD_WIND[turbine].get(number, wind)
        power = BAD_POWER[turbine].get(number, power)
        if is_missing(turbine, number):
            continue
        begin = FIRST + number * STEP
        if in_local:
            rows.append((number, [str(record), f"{local(begin + STEP):%d.%m.%Y %H:%M}", wind, power, status]))
        else:
            rows.append((number, [f"{begin:%Y-%m-%dT%H:%MZ}", wind, power, status]))
    return rows


def copy_of(rows, number, changes):
    """Return a row again, with some cells changed: place → text."""
    row = list(next(row for at, row in rows if at == number))
    for place, text in changes.items():
        row[place] = text
    return row


def put(arrived, number, row):
    """Put a row in front of that of an interval."""
    place = next(index for index, (at, _) in enumerate(arrived) if at == number)
    arrived.insert(place, (None, row))


def mess(turbine, rows):
    """Return the rows in the order in which they arrived, with those that came twice or between the intervals."""
    arrived = list(rows)
    if turbine == "WT01":
        put(arrived, 75, copy_of(rows, 72, {}))
        put(arrived, 140, copy_of(rows, 119, {4: "140", 3: "0,0"}))  # corrected later: the later one counts
        put(arrived, 171, copy_of(rows, 158, {4: "50"}))  # sent again once the clock was back
    elif turbine == "WT02":
        late = [entry for entry in arrived if entry[0] in (159, 160)]
        arrived = [entry for entry in arrived if entry not in late]
        place = next(index for index, (at, _) in enumerate(arrived) if at == 178)
        arrived[place:place] = late  # the first 02:40 and 02:50 stand behind the second
        put(arrived, 60, copy_of(rows, 51, {3: "0,0", 4: "51"}))
    elif turbine == "WT03":
        put(arrived, 120, copy_of(rows, 105, {3: "1600.0", 2: "1600.0", 1: "10.40"}))
        put(arrived, 300, ["2024-10-27T23:25Z", "9.00", "1500.0", "103"])
        put(arrived, 364, copy_of(rows, 357, {1: "12.90"}))  # the run of equal winds ends here
    else:
        late = [entry for entry in arrived if entry[0] in (30, 31, 32)]
        arrived = [entry for entry in arrived if entry not in late] + late
        put(arrived, 220, copy_of(rows, 212, {3: "1"}))
    return [row for _, row in arrived]


def main():
    rng = random.Random(SEED)
    winds = site_wind(rng)
    files = {
        "fleet.csv": ["turbine,clock,stamp,type,rated_kw"],
        "status_codes.csv": CODES.strip().splitlines(),
        "power_curves.csv": ["wind_ms," + ",".join(CURVES)],
    }
    for turbine, (clock, kind) in FLEET.items():
        rated = CURVES[kind][-1]
        files["fleet.csv"].append(f"{turbine},{clock},{'end' if clock == 'local' else 'begin'},{kind},{rated}")
    count = len(CURVES["N-2300"])
    for place in [*range(count), 22.5]:
        heights = [points[min(int(place), count - 1)] for points in CURVES.values()]
        files["power_curves.csv"].append(",".join(map(str, [place + 2.5, *heights])))
    for turbine, (clock, _) in FLEET.items():
        rows = mess(turbine, rows_of(turbine, winds, rng))
        head, comma = "stamp,wind_ms,power_kw,status", ","
        if clock == "local":
            head, comma = "rec;stamp;wind_ms;power_kw;status", ";"
        files[f"scada/{turbine}.csv"] = [head, *(comma.join(row) for row in rows)]
    for name, lines in files.items():
        path = FARM / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
