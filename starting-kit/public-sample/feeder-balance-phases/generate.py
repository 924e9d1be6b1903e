"""Write a low-voltage feeder with its connections and their load profiles into the image's folder.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file: it says which loads were put where to mislead.
"""

import csv
import math
import random
from pathlib import Path

FEEDER = Path(__file__).resolve().parent / "environment" / "feeder"
SEED = 6
DAYS = {"cold": 20, "mild": 345}
PILLARS = {
    # pillar: (fed from, mOhm, A, opening fee, connections as kind and phases)
    "P01": ("SS", 9, 187, 350, "house:3 flat:3 bakery:1 heatpump:1 flat:1"),
    "P02": ("P01", 14, 187, 770, "heatpump:1 shop:2 house:2 flat:3 house:3"),
    "P03": ("P02", 17, 210, 450, "ev:2 bakery:2 house:2 ev:2 ev:3"),
    "P04": ("P03", 21, 160, 650, "shop:1 pv:3 shop:2 pv:3 ev:2"),
    "P05": ("P04", 26, 160, 550, "house:1 heatpump:1 heatpump:3 school:123 heatpump:1"),
    "P06": ("P05", 24, 100, 970, "pv:3 pv:3 flat:3 heatpump:1 bakery:2"),
    "P07": ("P02", 33, 100, 600, "flat:1 bakery:2 bakery:2 house:2 ev:2"),
    "P08": ("P07", 38, 80, 420, "house:1 workshop:123 pv:3 pv:3 house:1"),
    "P09": ("P04", 29, 125, 870, "ev:3 bakery:2 heatpump:1 house:2 house:3"),
    "P10": ("P09", 41, 28, 500, "house:3 pv:3 pv:1 pv:3 house:3"),
}
SHIFTS = dict(pair.split("=") for pair in "C07=0 C15=0 C16=0/1 C18=0/1 C22=0/2 C27=0 C30=0/2 C42=0/1 C46=0/2".split())
"""Connections that may not go everywhere: meters under seal, one free way in the pillar, medical equipment."""
LOOPS = dict(pair.split("=") for pair in "C03=A C05=A C12=B C13=B C25=C C28=C C36=D C37=D C44=E C47=E".split())
"""Looped services; loops C and E lie across two pillars."""


def bump(hour, middle, width):
    """Return a bell of height 1 around an hour of the day."""
    away = min(abs(hour - middle), 24 - abs(hour - middle))
    return math.exp(-((away / width) ** 2))


def shape(kind, day, hour, person):
    """Return the watts of a kind of connection; ``person`` holds its own size and habits."""
    cold = day == "cold"
    size, late = person
    evening = bump(hour, 18.5 + late, 2.4) * (1500 if cold else 800)
    house = 180 + evening + bump(hour, 7 + late, 1.2) * 700
    extra = {
        "heatpump": (2600 + 900 * bump(hour, 6, 3) + 700 * bump(hour, 20, 3)) if cold else 260 * bump(hour, 5, 2),
        "ev": 7200 if 0 <= (hour - 22 - 2 * late) % 24 < (3.5 if cold else 2.5) else 0,
        "pv": -5200 * bump(hour, 12.5, 3.1) * (0.22 if cold else 1.0),
        "flat": -0.4 * house,
        "shop": 3100 * (9 <= hour < 19) - 0.6 * house,
        "bakery": 8200 * (2 <= hour < 7) + 1500 * (7 <= hour < 14) - 0.7 * house,
        "school": 2300 * (7 <= hour < 16) - 0.8 * house,
        "workshop": 4100 * (7.5 <= hour < 16.5) - 0.9 * house,
    }
    return size * (house + extra.get(kind, 0))


def connections():
    """Return (name, pillar, kind, phases) of every connection, in the order of the feeder."""
    listed = [(pillar, *entry.split(":")) for pillar, row in PILLARS.items() for entry in row[4].split()]
    return [(f"C{number:02d}", *rest) for number, rest in enumerate(listed, start=1)]


def profile_rows(rng):
    """Return a row per connection, phase and day: what was measured, in watts."""
    rows = []
    for name, _, kind, phases in connections():
        person = rng.uniform(0.75, 1.3), rng.uniform(-1.2, 1.2)
        for phase in phases:
            part = 1.0 if len(phases) == 1 else {"1": 1.5, "2": 0.4, "3": 0.9}[phase]
            for day in DAYS:
                watts = [
                    round(part * shape(kind, day, step / 2, person) * rng.uniform(0.9, 1.1) / 10) * 10
                    for step in range(48)
                ]
                rows.append([name, f"L{phase}", day, *watts])
    return rows


def main():
    rng = random.Random(SEED)
    times = [f"{step // 2:02d}:{step % 2 * 30:02d}" for step in range(48)]
    tables = {
        "sections": [["section", "from", "to", "r_mohm", "rating_a"]],
        "pillars": [["pillar", "opening_fee"]],
        "connections": [["connection", "pillar", "phase", "loop", "move_cost", "shifts"]],
        "days": [["day", "days_per_year"], *DAYS.items()],
        "profiles": [["connection", "phase", "day", *times], *profile_rows(rng)],
    }
    for number, (pillar, (source, ohm, rating, fee, _)) in enumerate(PILLARS.items(), start=1):
        tables["sections"].append([f"S{number:02d}", source, pillar, ohm, rating])
        tables["pillars"].append([pillar, fee])
    for name, pillar, kind, phases in connections():
        cost = rng.randrange(50, 120, 5) + 60 * (kind in ("ev", "heatpump")) + 110 * (len(phases) == 3)
        phase = "".join(f"L{digit}" for digit in phases)
        shifts = SHIFTS.get(name, "0/1/2")
        tables["connections"].append([name, pillar, phase, LOOPS.get(name, ""), cost, shifts])
    FEEDER.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (FEEDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
