"""Write the Raman spectra and the band list of this task into the image's folder.

    python3 generate.py

The same seed gives the same bytes. Which pigments are in which sample, and what is odd about each file, stands here and
stays out of the image.
"""

import csv
import math
import random
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "environment" / "spectra"
SEED = 1086
# pigment → position in cm-1, strength, share of its strongest band
BANDS = {
    "vermilion": [(252, "strong", 1.0), (282, "weak", 0.16), (343, "strong", 0.4)],
    "ultramarine": [(258, "weak", 0.32), (548, "strong", 1.0), (1096, "strong", 0.35)],
    "lead white": [(681, "weak", 0.12), (1050, "strong", 1.0)],
    "azurite": [
        (403, "strong", 1.0),
        (767, "weak", 0.2),
        (839, "weak", 0.25),
        (1098, "weak", 0.35),
        (1580, "strong", 0.5),
    ],
    "chrome yellow": [(359, "strong", 0.45), (401, "weak", 0.25), (841, "strong", 1.0)],
    "lead-tin yellow": [(274, "weak", 0.2), (457, "strong", 1.0)],
    "calcite": [(281, "weak", 0.35), (712, "strong", 0.3), (1086, "strong", 1.0)],
    "gypsum": [(414, "weak", 0.2), (494, "weak", 0.18), (1008, "strong", 1.0)],
    "anatase": [(399, "weak", 0.4), (516, "strong", 0.45), (639, "strong", 1.0)],
    "indigo": [(545, "strong", 0.5), (599, "weak", 0.4), (1573, "strong", 1.0)],
}
SAMPLES = {
    # Ascending, plain numbers; x of the lines and DELTAX are rounded. Two spikes, one on the side of a band. The weak
    # band of calcite is hidden in that of vermilion.
    "altar-01": {"first": 201.37, "last": 1803.92, "count": 801, "glow": (5200, 700), "noise": 9, "form": "affn",
                 "mix": {"vermilion": (900, 0.6), "lead white": (1400, -0.4), "calcite": (700, 0.3)},
                 "spikes": {333: 2600, 443: 4100}},
    # Descending, signs for blanks, a factor for y, intensities below 0. The band of azurite at 1098 is hidden in a
    # strong one of ultramarine.
    "altar-02": {"first": 1799.6, "last": 198.24, "count": 873, "glow": (1900, 600), "noise": 6, "form": "pac",
                 "mix": {"azurite": (700, -0.9), "ultramarine": (330, 0.2)}, "spikes": {120: 1900}, "factor": 0.125},
    # Pairs; x has a factor. Bands of nothing on the list, one of them small. Bands of indigo and azurite lie near to
    # both strong ones of ultramarine, and nearer to their own; the two near 1575 become one.
    "mural-7b": {"first": 220.3, "last": 1779.3, "count": 781, "glow": (900, 400), "noise": 4, "form": "pairs",
                 "mix": {"indigo": (420, 0.8), "gypsum": (650, -0.6), "azurite": (280, 0.7)},
                 "extra": [(927.4, 240), (1455.2, 180), (1183.0, 29)], "spikes": {500: 3300, 640: 1500}, "factor": 0.5},
    # A steep glow, a wide spacing; a band too far from where chrome yellow should have it, and one just near enough.
    # The spike is one in intensity, not yet in the numbers of the file.
    "panel-12": {"first": 203.1, "last": 1795.7, "count": 640, "glow": (9000, 350), "noise": 8, "form": "affn",
                 "mix": {"chrome yellow": (1100, 0.5), "lead-tin yellow": (760, 4.4)}, "skip": {359},
                 "extra": [(364.9, 480)], "spikes": {301: 1500}, "factor": 2.0},
    # Descending as well; bands so strong that their sides are steeper than a spike, which is higher than both sides.
    "panel-13": {"first": 1812.45, "last": 199.9, "count": 901, "glow": (1500, 900), "noise": 5, "form": "affn",
                 "mix": {"calcite": (7200, -0.5), "gypsum": (1900, 0.9), "anatase": (3000, 0.2)},
                 "spikes": {410: 1700, 655: 2900}},
}  # fmt: skip


def intensities(sample, xs, rng):
    """Return what the detector counted: glow, bands, noise and cosmic rays."""
    lines = list(sample.get("extra", []))
    for pigment, (size, shift) in sample["mix"].items():
        lines += [(at + shift, size * share) for at, _, share in BANDS[pigment] if at not in sample.get("skip", ())]
    height, reach = sample["glow"]
    found = []
    for place, x in enumerate(xs):
        y = 400 + height * math.exp(-(x - 200) / reach)
        y += sum(size / (1 + ((x - at) / 5.5) ** 2) for at, size in lines) + rng.gauss(0, sample["noise"])
        found.append(y + sample["spikes"].get(place, 0))
    return found


def data(sample, xs, counts, rng):
    """Return the label and the lines of the data in one of the forms of the standard."""
    if sample["form"] == "pairs":
        pairs = [f"{round(x * 100)},{y}" for x, y in zip(xs, counts, strict=True)]
        lines = ["; ".join(pairs[at : at + 6]) for at in range(0, len(pairs), 6)]
        return "##XYPOINTS=(XY..XY)", lines
    lines, at = [], 0
    while at < len(counts):
        width = rng.choice((8, 9, 10)) if sample["form"] == "affn" else 9
        part = counts[at : at + width]
        if sample["form"] == "affn":
            lines.append(" ".join([f"{xs[at]:.0f}", *map(str, part)]))
        else:
            lines.append(f"{xs[at]:.1f}" + "".join(f"{y:+d}" for y in part))
        at += width
    return "##XYDATA=(X++(Y..Y))", lines


def text(name, sample, rng):
    """Return a file, its head as one program or another writes it."""
    count, factor = sample["count"], sample.get("factor", 1.0)
    step = (sample["last"] - sample["first"]) / (count - 1)
    xs = [sample["first"] + step * place for place in range(count)]
    # A detector's dark level is taken off, so that some counts are negative where the glow has gone.
    counts = [round((y - 640) / factor) for y in intensities(sample, xs, rng)]
    label, lines = data(sample, xs, counts, rng)
    lines[3] += " $$ 2 frames of 10 s"
    lines[-9] += "$$ lamp off 1"
    head = [
        f"##TITLE= {name}",
        "##JCAMP-DX= 4.24 $$ exported by RamanDesk 3",
        "##DATA TYPE= RAMAN SPECTRUM",
        "##ORIGIN= Conservation laboratory",
        "##OWNER= public domain",
        "##$LASER WAVELENGTH= 785",
        "##XUNITS= 1/CM",
        "##YUNITS= ARBITRARY UNITS",
    ]
    width = 1 if sample["form"] != "pairs" else 0.01
    numbers = [
        f"##XFACTOR= {width}",
        f"##YFACTOR= {factor}",
        f"##FIRSTX= {sample['first']}",
        f"##LASTX= {sample['last']} $$ not 1800",
        f"##DELTAX= {step:.2f}",
        f"##NPOINTS= {count}",
    ]
    if sample["form"] == "pac":
        numbers = [
            line.replace("FIRSTX", "First_X").replace("LASTX", "last x").replace("YFACTOR", "Y-Factor")
            for line in numbers
        ]
    rng.shuffle(numbers)
    return "\n".join([*head, *numbers, label, *lines, "##END="]) + "\n"


def main():
    """Write everything."""
    rng = random.Random(SEED)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        (FOLDER / f"{name}.jdx").write_text(text(name, sample, rng), encoding="utf-8")
    rows = [(pigment, at, strength) for pigment, bands in BANDS.items() for at, strength, _ in bands]
    with (FOLDER / "bands.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("pigment", "position", "strength"), *sorted(rows)])


if __name__ == "__main__":
    main()
