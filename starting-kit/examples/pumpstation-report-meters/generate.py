"""Write one day of a pumping station, as its controller was polled, into the image's folder.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file: it says which minute was made to mislead, and how.
"""

import random
import struct
from datetime import datetime, timedelta
from pathlib import Path

STATION = Path(__file__).resolve().parent / "environment" / "station"
SEED = 20250211
DAY = datetime(2025, 2, 11)
MINUTES = 1440
COLUMNS = "time,40001,40002,40003,40004,40005,40006,40007"
CHANGE = 13 * 60 + 21
"""The first minute that the new flow meter counts."""
FIRST_COUNT = 47
WRAPS_AT = 9 * 60 + 41
RECALIBRATED = 11 * 60 + 17

DIPS = {
    # first minute: (how many minutes, bar before calibration)
    95: (4, 2.1),  # one poll too few
    200: (5, 2.2),  # just enough
    333: (9, 2.3),  # a poll of it is bad, another has no pressure
    610: (7, 2.54),  # above the limit as it is, below it once calibrated
    RECALIBRATED - 3: (6, 2.54),  # only the first three are below: the gain falls in the middle of it
    800: (8, 2.46),  # below as it is, above once calibrated
    1010: (3, 2.0),  # two dips
    1014: (3, 2.0),  # with one good minute in between
    1260: (12, 1.7),
}
NO_PRESSURE = {336, 337, *range(900, 906), 1265}
"""Minutes in which the transmitter says that it is not a number."""
BAD = {5 * 60: "----", 334: "", 17 * 60: "----", 17 * 60 + 1: "----", 17 * 60 + 2: "xxxx", 1200: "0x1F", 77: "12F"}
"""Minutes of which no good poll is left, with the word that is wrong."""


def hourly_rhythm(minute):
    """Return whether pump 1 and pump 2 run in a minute."""
    second_runs = minute % 97 < 31 or 420 <= minute < 470
    return minute % 60 < 44, second_runs


def words_of(minute, counts, rng):
    """Return the seven words of a poll."""
    one, two = hourly_rhythm(minute)
    bar = 3.4 + 0.25 * one + 0.2 * two + rng.uniform(-0.08, 0.08)
    for first, (length, low) in DIPS.items():
        if first <= minute < first + length:
            bar = low + rng.uniform(-0.01, 0.01)
    pressure = struct.pack(">f", float("nan") if minute in NO_PRESSURE else bar * 1000)
    level = int(-180 + 260 * (1 - (minute % 60) / 60) - 30 * two + rng.randrange(12))
    status = 1 * one | 2 * two | 4 * (minute % 7 == 0) | 0x8000
    energy = counts["energy"]
    return [
        counts["flow"],
        energy >> 16,
        energy & 0xFFFF,
        int.from_bytes(pressure[2:], "big"),
        int.from_bytes(pressure[:2], "big"),
        level & 0xFFFF,
        status,
    ]


def polls():
    """Return (minute, words as text) of every minute, the counters running on."""
    rng = random.Random(SEED)
    steps = [
        (
            rng.randrange(28, 36) * one + rng.randrange(18, 27) * two,
            rng.randrange(60, 75) * one + rng.randrange(40, 55) * two,
        )
        for one, two in map(hourly_rhythm, range(MINUTES + 1))
    ]
    flow = 65536 - sum(step for step, _ in steps[1 : WRAPS_AT + 1])
    flow %= 65536
    counts = {"flow": flow, "energy": 0x0012FD30}
    found = []
    for minute in range(MINUTES + 1):
        if minute:
            step, energy = steps[minute]
            counts["flow"] = FIRST_COUNT + step // 2 if minute == CHANGE else (counts["flow"] + step) % 65536
            counts["energy"] += energy
        found.append((minute, [f"{word:04X}" for word in words_of(minute, counts, rng)]))
        if minute == CHANGE - 1:
            final = counts["flow"] + 9
    return found, final


def rows():
    """Return the rows of polls.csv in the order of their arrival, and the last count of the old flow meter."""
    found, final = polls()
    rng = random.Random(SEED + 1)
    arrived = []
    for minute, words in found:
        good = [minute, *words]
        if minute in BAD:
            place = rng.randrange(1, 8)
            arrived.append([word if index != place else BAD[minute] for index, word in enumerate(good)])
        elif minute in (360, 720):  # the poll of a full hour failed at first
            arrived += [[minute, *["----"] * 7], good]
        elif minute in (480, 1100):  # the first answer was that of a minute ago
            arrived += [[minute, *found[minute - 1][1]], good]
        elif minute in (600, 1260):  # asked once more without need, and without an answer
            arrived += [good, [minute, *["----"] * 7]]
        else:
            arrived.append(good)
    for minute in (251, 840, 1111):  # these came late
        late = next(row for row in arrived if row[0] == minute)
        arrived.remove(late)
        arrived.insert(next(i for i, row in enumerate(arrived) if row[0] == minute + 4), late)
    return arrived, final


def main():
    arrived, final = rows()
    lines = [f"{DAY + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ},{','.join(words)}" for minute, *words in arrived]
    at = [
        f"{DAY + timedelta(minutes=minute):%Y-%m-%dT%H:%M}:{second:02d}Z"
        for minute, second in ((RECALIBRATED, 0), (CHANGE - 1, 30))
    ]
    files = {
        "polls.csv": [COLUMNS, *lines],
        "registers.csv": [
            "tag,register,type,order,scale,unit",
            "flow_total,40001,u16,,0.1,m3",
            "energy_total,40002,u32,high-first,10,Wh",
            "pressure,40004,f32,low-first,1,mbar",
            "sump_level,40006,s16,,0.5,cm",
            "status,40007,bits,,,",
        ],
        "calibrations.csv": [
            "tag,valid_from,gain,offset",
            f"pressure,{at[0]},1.06,-25",
            "sump_level,2025-01-08T07:00:00Z,1,-12.5",
            "pressure,2025-02-14T08:30:00Z,0.9,0",
            "pressure,2025-01-08T07:10:00Z,0.98,-40",
            "pressure,2024-06-30T12:00:00Z,1.2,15",
        ],
        "meter_changes.csv": ["tag,time,final_count,first_count", f"flow_total,{at[1]},{final},{FIRST_COUNT}"],
    }
    STATION.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (STATION / name).write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
