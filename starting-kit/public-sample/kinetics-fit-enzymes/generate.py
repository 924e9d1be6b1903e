"""Simulate the plates of this task and write them as the readers would, into the image's folder.

    python3 generate.py

The same seed gives the same bytes. The truth behind the plates and what went wrong in which well stand here, and stay
out of the image: too little or too much enzyme (factor), a bubble that comes and stays (bubble) or that hides a reading
and leaves a step behind (burst), a reading that failed (unread), a well too dark for a while or for good (dark).
"""

import csv
import math
import random
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "environment" / "kinetics"
SEED = 77
STEP_SEC = 15
READINGS = 32
LAG_SEC = 14
SATURATED = 2.4
ROWS = "ABCDEFGH"


@dataclass(frozen=True)
class Assay:
    """One plate: its export, its chemistry, and what happened on it."""

    name: str
    epsilon: float
    path: float
    start: float
    """Absorbance at the start."""
    vmax: float
    """µM per minute of undiluted enzyme."""
    km: float
    kic: float
    kiu: float
    substrates: tuple
    inhibitors: tuple
    dilution: float
    drift: float = 0.0
    """µM per minute in wells without enzyme, per µM of substrate."""
    german: bool = False
    pause: int = 0
    milli: bool = False
    low_dilution: float = 0.0
    """For the three lowest substrates, where it is another."""
    absorbs: float = 0.0
    """Absorbance of the substrate, per µM."""
    events: dict = field(default_factory=dict)


INF = math.inf
ASSAYS = [
    # NADH is used up: absorbance falls. Some wells are too dark to read at first, and become legible later.
    Assay("LDH-oxamate", -6220, 0.56, 1.05, 960, 160, 55, INF, (40, 80, 160, 320, 640, 1280), (0, 30, 90, 200), 60,
          events={"B3": ("dark", 1.43), "E7": ("dark", 1.5), "C5": ("factor", 0.55), "D8": ("bubble", 11),
                  "F2": ("factor", 0.82), "G4": ("dark", 9.0), "H7": ("bubble", 14),
                  "G8": ("burst", 12), "H1": ("burst", 14)}),
    # pNPP, which falls apart by itself; ; and decimal commas, m:ss; low substrates with more enzyme.
    Assay("ALP-phenylalanine", 18000, 0.52, 0.09, 5200, 420, INF, 900, (100, 200, 400, 800, 1600, 4000),
          (0, 400, 1200, 3000), 1000, drift=0.0004, german=True, milli=True, low_dilution=500,
          events={"A6": ("bubble", 20), "E9": ("factor", 1.32), "H3": ("bubble", 6), "G10": ("bubble", 15),
                  "F5": ("burst", 13), "G2": ("factor", 0.83)}),
    # Ellman's reagent: mixed, Kic four times smaller than Kiu. A pause in the middle of the run.
    Assay("AChE-tacrine", 14150, 0.60, 0.12, 1900, 95, 0.06, 0.26, (25, 50, 100, 200, 400, 800),
          (0, 0.05, 0.15, 0.4), 200, drift=0.0012, pause=7,
          events={"B8": ("factor", 0.7), "C2": ("unread", 9), "F10": ("factor", 0.83), "A11": ("bubble", 5),
                  "G1": ("burst", 15), "E4": ("burst", 16)}),
    # Pure non-competitive; concentrations of one series are noted in mM and in µM.
    Assay("BGal-copper", 3500, 0.56, 0.07, 26000, 700, 45, 45, (150, 300, 600, 1200, 2400, 4800), (0, 20, 60, 150), 400,
          drift=0.0001, milli=True, events={"D4": ("factor", 0.6), "D5": ("factor", 0.58), "H8": ("dark", 8.0),
                                              "G3": ("burst", 12), "F4": ("burst", 18)}),
    # Nothing happens: the compound does not inhibit.
    Assay("XO-compound17", 9600, 0.58, 0.3, 640, 30, INF, INF, (8, 16, 32, 64, 128, 256), (0, 10, 30, 100), 80,
          absorbs=0.002, pause=12, events={"C9": ("factor", 1.4), "E5": ("bubble", 8), "B6": ("unread", 14),
                                           "G6": ("burst", 11), "C4": ("burst", 13)}),
    # Competitive, with a substrate that absorbs: the highest wells run out of range.
    Assay("Tyr-kojic", 3600, 0.55, 0.10, 7800, 520, 14, INF, (130, 260, 520, 1040, 2080, 3600), (0, 8, 25, 60), 150,
          drift=0.0003, german=True, absorbs=0.00045, low_dilution=100,
          events={"G7": ("factor", 0.5), "A2": ("unread", 3), "F6": ("bubble", 25), "F9": ("burst", 12),
                  "G10": ("burst", 10), "E1": ("factor", 0.83)}),
]  # fmt: skip


def layout(assay):
    """Yield (well, role, substrate in µM, inhibitor in µM): three replicates in a row, blanks in columns 11 and 12."""
    blanks = [(row, column) for column in (11, 12) for row in ROWS]
    order = [(s, i) for s in assay.substrates for i in assay.inhibitors]
    for index, (substrate, inhibitor) in enumerate(order):
        for replicate in range(3):
            place = index * 3 + replicate
            yield f"{ROWS[place // 10]}{place % 10 + 1}", "sample", substrate, inhibitor
    rest = [(ROWS[place // 10], place % 10 + 1) for place in range(72, 80)] + blanks
    for place, (row, column) in enumerate(rest):
        if place < 18:
            yield f"{row}{column}", "blank", assay.substrates[place % 6], 0
        else:
            yield f"{row}{column}", "empty", None, None


def rate(assay, substrate, inhibitor):
    """Return µM per minute of undiluted enzyme."""
    free, bound = assay.km * (1 + inhibitor / assay.kic), 1 + inhibitor / assay.kiu
    return assay.vmax * substrate / (free + substrate * bound)


def times(assay):
    """Return the seconds of the readings."""
    found, at = [], 0
    for number in range(READINGS):
        at += STEP_SEC if number else 0
        at += 50 if assay.pause and number == assay.pause else 0
        found.append(at)
    return found


def dilution(assay, substrate):
    """Return how many times the enzyme was diluted for a substrate."""
    low = assay.low_dilution and substrate in assay.substrates[:3]
    return assay.low_dilution if low else assay.dilution


def curve(assay, well, rng):
    """Return the absorbances of a well; None where they could not be read."""
    name, role, substrate, inhibitor = well
    kind, size = assay.events.get(name, ("", 0))
    if role == "empty":
        return [0.04 + rng.gauss(0, 0.0004) for _ in range(READINGS)]
    enzyme = (0 if role == "blank" else 1 / dilution(assay, substrate)) * rng.gauss(1, 0.025)
    enzyme *= size if kind == "factor" else 1
    left, made, clock, found = substrate, 0.0, 0.0, []
    base = assay.start + rng.gauss(0, 0.01) + assay.absorbs * substrate + (size if kind == "dark" else 0)
    for number, at in enumerate(times(assay)):
        while clock < at:
            speed = enzyme * rate(assay, left, inhibitor) * (1 - math.exp(-clock / LAG_SEC)) + assay.drift * left
            made += speed / 60
            left = max(0.0, left - speed / 60)
            clock += 1
        value = base + assay.epsilon * 1e-6 * assay.path * made + rng.gauss(0, 0.0005)
        value += 0.11 if kind == "bubble" and number >= size else 0
        value += math.copysign(0.02, assay.epsilon) if kind == "burst" and number > size else 0
        unread = value > SATURATED or (kind in ("unread", "burst") and number == size)
        found.append(None if unread else value)
    return found


def export(assay, wells, curves):
    """Write a plate as its reader would: two makes of readers, two languages."""
    mark, number = (";", lambda text: text.replace(".", ",")) if assay.german else (",", lambda text: text)
    names = [f"{well[0]}{int(well[1:]):02d}" if assay.german else well for well, *_ in wells]
    head = [["Messprotokoll", assay.name], ["Temperatur", "37,0"], ["Schritt", "15 s"], []] if assay.german else []
    lines = head or [["Plate", assay.name], ["Mode", "Kinetic"], ["Temperature", "25.0"]]
    lines.append(["Time", *names])
    for place, at in enumerate(times(assay)):
        stamp = f"{at // 60}:{at % 60:02d}" if assay.german else str(at)
        values = [c[place] for c in curves]
        lines.append([stamp, *("OVRFLW" if v is None else number(f"{v:.4f}") for v in values)])
    # What the reader's own software makes of it, which is not asked for.
    lines += [[], ["Max V", *(number(f"{(max(v or 0 for v in c) - min(v or 9 for v in c)):.3f}") for c in curves)]]
    text = "".join(mark.join(line) + "\n" for line in lines)
    (FOLDER / f"{assay.name.lower()}.csv").write_text(text, encoding="utf-8")


def amount(assay, substrate, place):
    """Return a concentration and its unit as somebody noted it."""
    if assay.milli and (assay.german or place % 2):
        return f"{substrate / 1000:g}", "mM"
    return f"{substrate:g}", "uM"


def main():
    """Write everything."""
    rng = random.Random(SEED)
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = [["assay", "well", "role", "substrate", "unit", "inhibitor_um", "dilution"]]
    plates = [["assay", "file", "delta_epsilon", "path_cm"]]
    for assay in ASSAYS:
        wells = sorted(layout(assay), key=lambda well: (well[0][0], int(well[0][1:])))
        export(assay, wells, [curve(assay, well, rng) for well in wells])
        plates.append([assay.name, f"{assay.name.lower()}.csv", f"{assay.epsilon:g}", f"{assay.path:g}"])
        for place, (well, role, substrate, inhibitor) in enumerate(wells):
            if role == "empty":
                rows.append([assay.name, well, role, "", "", "", ""])
                continue
            enzyme = f"{dilution(assay, substrate):g}" if role == "sample" else ""
            rows.append([assay.name, well, role, *amount(assay, substrate, place), f"{inhibitor:g}", enzyme])
    for name, lines in (("assays.csv", plates), ("layout.csv", rows)):
        with (FOLDER / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)


if __name__ == "__main__":
    main()
