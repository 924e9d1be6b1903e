"""The readings of a week by several instruments, in the units that each of them shows."""

from datetime import datetime, timedelta

UNITS = {  # unit → how much of the wanted unit it is; temperatures are converted by formula
    "mass": ("mg", {"mg": "1", "g": "1000", "ug": "0.001", "gr": "64.79891"}),
    "length": ("mm", {"mm": "1", "cm": "10", "in": "25.4", "um": "0.001"}),
    "pressure": ("kPa", {"kPa": "1", "bar": "100", "psi": "6.894757", "Torr": "0.1333224"}),
    "temperature": ("K", {"K": "1", "C": "1", "F": "0.5556"}),
}
DECIMALS = {"ug": 0, "um": 0, "g": 4, "cm": 3, "in": 3, "gr": 3, "bar": 4, "psi": 2, "Torr": 1, "K": 2, "C": 2, "F": 1}
INSTRUMENTS = ("B1", "B2", "Q7", "T4", "X9")


def shown(value, unit, quantity, factor):
    """Return a value of the wanted unit as an instrument shows it."""
    if quantity == "temperature":
        value = {"K": value, "C": value - 273.15, "F": (value - 273.15) * 1.8 + 32}[unit]
    else:
        value /= float(factor)
    return f"{value:.{DECIMALS.get(unit, 2)}f}"


def make(values, random):
    """Return the units, and the files."""
    quantity = values["quantity"]
    wanted, units = UNITS[quantity]
    step = {"mass": "0.25", "length": "0.05", "pressure": "0.5", "temperature": "0.2"}[quantity]
    base = 290.0 if quantity == "temperature" else 40.0
    rows, start = [], datetime(2025, 5, 5, 8, 0)
    samples = [f"S{number:03d}" for number in random.sample(range(1, 400), 18)]
    preferred = {name: random.choice(sorted(units)) for name in INSTRUMENTS}
    names = [name for name in samples for _ in range(random.randrange(2, 7))] + ["BLANK"] * 14
    levels = {name: base * random.uniform(0.7, 1.6) for name in samples} | {"BLANK": base / 60}
    for name in names:
        instrument = random.choice(INSTRUMENTS)
        unit = preferred[instrument] if random.random() < 0.7 else random.choice(sorted(units))
        when = start + timedelta(minutes=random.randrange(7000))
        level = levels[name] * random.uniform(0.93, 1.07)
        text = shown(level, unit, quantity, units[unit])
        mark = "<" if random.random() < 0.14 and name != "BLANK" else ""
        rows.append([f"{when:%Y-%m-%dT%H:%M:%S}", name, instrument, mark + text, unit])
    random.shuffle(rows)
    files = {"readings.csv": ["taken_at,sample,instrument,reading,unit", *map(",".join, rows)]}
    if values["correction"] == "calibration":
        lines = [f"{name},{random.uniform(0.96, 1.05):.3f},{random.uniform(-0.4, 0.4):.2f}" for name in INSTRUMENTS[:4]]
        files["calibration.csv"] = ["instrument,gain,offset", *lines]
    if values["correction"] == "drift":
        days = [datetime(2025, 5, day, 12) for day in (4, 6, 8)]
        lines = [
            f"{name},{day:%Y-%m-%dT%H:%M:%S},{random.uniform(-1.5, 1.5):.2f}"
            for name in INSTRUMENTS
            for day in days
            if day != days[0] or name != "X9"
        ]
        random.shuffle(lines)
        files["drift.csv"] = ["instrument,checked_at,shift", *lines]
    words = {"wanted": wanted, "factors": units, "step": step, "decimals": 1 if quantity == "temperature" else 2}
    return words, {f"environment/lab/{name}": "\n".join(lines) + "\n" for name, lines in files.items()}
