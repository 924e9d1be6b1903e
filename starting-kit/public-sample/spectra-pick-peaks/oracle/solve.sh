#!/bin/bash
set -euo pipefail
cd /srv/spectra
cat bands.csv
for file in *.jdx; do
  grep -n '^##' "$file"
  grep -A 4 -m 1 -E '^##XY(DATA|POINTS)' "$file"
done

cat > /root/peaks.py <<'PY'
import csv
import re
from pathlib import Path
from statistics import median

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def read(path):
    """Return the points of a spectrum in order of x."""
    text = re.sub(r"\$\$.*", "", path.read_text(encoding="utf-8"))
    fields = {re.sub(r"[ /_-]", "", key).upper(): value for key, value in re.findall(r"##([^=]*)=([^#]*)", text)}
    factor = float(fields["YFACTOR"])
    if "XYPOINTS" in fields:
        numbers = [float(x) for x in NUMBER.findall(fields["XYPOINTS"].split(")", 1)[1])]
        return sorted((x * float(fields["XFACTOR"]), y * factor) for x, y in zip(numbers[::2], numbers[1::2]))
    # The first number of a line is x, rounded: good for checking only.
    lines = fields["XYDATA"].strip().split("\n")[1:]
    ys = [float(y) * factor for line in lines for y in NUMBER.findall(line)[1:]]
    assert len(ys) == int(fields["NPOINTS"]), path
    first, last = float(fields["FIRSTX"]), float(fields["LASTX"])
    return sorted((first + (last - first) * i / (len(ys) - 1), y) for i, y in enumerate(ys))


def corrected(xs, raw):
    inner = range(1, len(raw) - 1)
    spikes = [i for i in inner if raw[i] - max(raw[i - 1], raw[i + 1]) > 1000]
    ys = list(raw)
    for i in spikes:
        ys[i] = (raw[i - 1] + raw[i + 1]) / 2
    smooth = list(ys)
    for i in range(2, len(ys) - 2):
        smooth[i] = (-3 * ys[i - 2] + 12 * ys[i - 1] + 17 * ys[i] + 12 * ys[i + 1] - 3 * ys[i + 2]) / 35
    base = [median(y for other, y in zip(xs, smooth) if abs(other - x) <= 60) for x in xs]
    return [y - b for y, b in zip(smooth, base)]


def vertex(xs, ys):
    """Return where the parabola through three points is highest."""
    (a, b, c), (u, v, w) = xs, ys
    return b - ((b - a) ** 2 * (v - w) - (b - c) ** 2 * (v - u)) / (2 * ((b - a) * (v - w) - (b - c) * (v - u)))


def peaks_of(points):
    xs, ys = [x for x, _ in points], corrected(*zip(*points))
    inner = [i for i, x in enumerate(xs) if xs[0] + 40 <= x <= xs[-1] - 40]
    limit = 0.03 * max(ys[i] for i in inner)
    for i in inner:
        if ys[i] < limit or ys[i] <= ys[i - 1] or ys[i] <= ys[i + 1]:
            continue
        left = right = i
        while left > 0 and ys[left - 1] >= ys[i] / 10:
            left -= 1
        while right < len(ys) - 1 and ys[right + 1] >= ys[i] / 10:
            right += 1
        area = sum((xs[k + 1] - xs[k]) * (ys[k + 1] + ys[k]) / 2 for k in range(left, right))
        yield vertex(xs[i - 1 : i + 2], ys[i - 1 : i + 2]), ys[i], area


srv = Path("/srv/spectra")
bands = [(row["pigment"], float(row["position"]), row["strength"]) for row in csv.DictReader(open(srv / "bands.csv"))]
peaks, present = [("sample", "position", "height", "area", "pigment")], [("sample", "pigment")]
for path in sorted(srv.glob("*.jdx")):
    matched = set()
    for position, height, area in peaks_of(read(path)):
        band = min(bands, key=lambda band: abs(band[1] - position))
        pigment = band[0] if abs(band[1] - position) <= 5 else ""
        matched |= {band} if pigment else set()
        peaks.append((path.stem, f"{position:.4f}", f"{height:.4f}", f"{area:.4f}", pigment))
    for pigment in sorted({band[0] for band in bands}):
        if {band for band in bands if band[0] == pigment and band[2] == "strong"} <= matched:
            present.append((path.stem, pigment))

for name, rows in (("peaks", peaks), ("pigments", present)):
    with open(f"/root/{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
PY

python3 /root/peaks.py
cat /root/peaks.csv /root/pigments.csv
