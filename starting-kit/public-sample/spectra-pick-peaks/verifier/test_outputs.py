"""Compare peaks and pigments with what the rules of the prompt give on the pristine spectra.

Files are read letter by letter, smoothing is a projection on orthogonal polynomials, and a parabola is written as one
through three points; the reference solution has patterns, weights and differences.
"""

import csv
import math
import os
from bisect import bisect_left, bisect_right
from functools import cache
from pathlib import Path

import pytest

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
SPECTRA = Path("/srv/spectra")
SAMPLES = sorted(path.stem for path in SPECTRA.glob("*.jdx"))
LARGEST = 50_000


def records(sample):
    """Return label → lines of a file, without comments."""
    found, label = {}, ""
    for line in (SPECTRA / f"{sample}.jdx").read_text(encoding="utf-8").splitlines():
        line = line.split("$$")[0].strip()
        if line.startswith("##"):
            label, _, line = line[2:].partition("=")
            label = "".join(char for char in label.upper() if char.isalnum() or char == "$")
            found[label] = []
        found[label].append(line)
    return found


def numbers(line):
    """Return the numbers of a line; everything but a sign, a digit or a point separates them, and so does a sign."""
    spaced = "".join(f" {char}" if char in "+-" else char if char in "0123456789." else " " for char in line)
    return [float(word) for word in spaced.split()]


def points(sample):
    """Return wavenumbers, ascending, and their intensities."""
    head = records(sample)

    def value(label):
        return float(head[label][0])

    if "XYPOINTS" in head:
        flat = [number for line in head["XYPOINTS"][1:] for number in numbers(line)]
        xs, ys = [x * value("XFACTOR") for x in flat[0::2]], flat[1::2]
    else:
        ys = [number for line in head["XYDATA"][1:] for number in numbers(line)[1:]]
        steps = value("NPOINTS") - 1
        xs = [(value("FIRSTX") * (steps - i) + value("LASTX") * i) / steps for i in range(len(ys))]
    assert len(xs) == len(ys) == value("NPOINTS")
    if xs[0] > xs[-1]:
        xs, ys = xs[::-1], ys[::-1]
    return xs, [y * value("YFACTOR") for y in ys]


def smoothed(ys):
    """Return the intensities without spikes, and smoothed."""
    calm = list(ys)
    for before, at, after in zip(range(len(ys)), range(1, len(ys)), range(2, len(ys)), strict=False):
        if ys[at] - ys[before] > 1000 and ys[at] - ys[after] > 1000:
            calm[at] = math.fsum((ys[before], ys[after])) / 2
    found = calm[:2]
    for place in range(2, len(calm) - 2):
        five = calm[place - 2 : place + 3]
        curved = math.fsum(weight * y for weight, y in zip((2, -1, -2, -1, 2), five, strict=True))
        found.append(math.fsum(five) / 5 - 2 * curved / 14)
    return found + calm[-2:]


def corrected(xs, ys):
    """Return the smoothed intensities less their running median."""
    ys, found = smoothed(ys), []
    for x, y in zip(xs, ys, strict=True):
        near = sorted(ys[bisect_left(xs, x - 60) : bisect_right(xs, x + 60)])
        found.append(y - (near[len(near) // 2] + near[(len(near) - 1) // 2]) / 2)
    return found


def top(xs, ys):
    """Return where the parabola through three points has its maximum."""
    (a, b, c), (u, v, w) = xs, ys
    weights = u / ((a - b) * (a - c)), v / ((b - a) * (b - c)), w / ((c - a) * (c - b))
    return (weights[0] * (b + c) + weights[1] * (a + c) + weights[2] * (a + b)) / (2 * math.fsum(weights))


def bands():
    """Return (position, pigment, strength) of the list."""
    with (SPECTRA / "bands.csv").open(encoding="utf-8", newline="") as file:
        return [(float(row["position"]), row["pigment"], row["strength"]) for row in csv.DictReader(file)]


def nearest(position):
    """Return the band that a peak belongs to, or None."""
    band = min(bands(), key=lambda band: abs(band[0] - position))
    return band if abs(band[0] - position) <= 5 else None


@cache
def expected(sample):
    """Return the peaks of a sample as (position, height, area, pigment), and its pigments."""
    xs, raw = points(sample)
    ys = corrected(xs, raw)
    counted = [y for x, y in zip(xs, ys, strict=True) if xs[0] + 40 <= x <= xs[-1] - 40]
    peaks, met = [], set()
    for i in range(xs.index(next(x for x in xs if x >= xs[0] + 40)), len(xs)):
        if xs[i] > xs[-1] - 40 or ys[i] < 0.03 * max(counted) or ys[i] <= max(ys[i - 1], ys[i + 1]):
            continue
        low = [k for k, y in enumerate(ys) if y < ys[i] / 10]
        run = range(max([k for k in low if k < i], default=-1) + 1, min([k for k in low if k > i], default=len(ys)))
        area = math.fsum((xs[k] - xs[k - 1]) * (ys[k] + ys[k - 1]) / 2 for k in run[1:])
        position = top(xs[i - 1 : i + 2], ys[i - 1 : i + 2])
        band = nearest(position)
        met.add(band)
        peaks.append((position, ys[i], area, band[1] if band else ""))
    strong = {name: {band for band in bands() if band[1:] == (name, "strong")} for _, name, _ in bands()}
    return peaks, {name for name, needed in strong.items() if needed <= met}


def table(name, header):
    """Return the rows of a table that the agent wrote."""
    path = WORKSPACE / name
    assert not path.is_symlink(), f"{path} is a link"
    assert path.is_file(), f"{path} is missing"
    assert path.stat().st_size < LARGEST, f"{path} is far too long"
    rows = [row for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if row]
    assert rows[:1] == [header]
    assert {len(row) for row in rows} == {len(header)}, f"{path}: every line has {len(header)} values"
    return rows[1:]


def peaks_of(sample):
    """Return the agent's peaks of a sample by position; a number that is none fails the test."""
    rows = table("peaks.csv", ["sample", "position", "height", "area", "pigment"])
    found = [(*map(float, row[1:4]), row[4]) for row in rows if row[0] == sample]
    assert all(math.isfinite(number) for row in found for number in row[:3])
    return sorted(found)


@pytest.mark.parametrize("sample", SAMPLES)
def test_positions(sample):
    ours, truth = ([peak[0] for peak in peaks] for peaks in (peaks_of(sample), expected(sample)[0]))
    assert ours == pytest.approx(truth, abs=0.05001, rel=0)


@pytest.mark.parametrize("measure", ["height", "area"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_measures(sample, measure):
    place = ["height", "area"].index(measure) + 1
    ours, truth = ([peak[place] for peak in peaks] for peaks in (peaks_of(sample), expected(sample)[0]))
    assert ours == pytest.approx(truth, rel=0.00501, abs=0)


@pytest.mark.parametrize("sample", SAMPLES)
def test_assigned_bands(sample):
    assert [peak[3] for peak in peaks_of(sample)] == [peak[3] for peak in expected(sample)[0]]


def test_pigments_of_all_samples():
    rows = table("pigments.csv", ["sample", "pigment"])
    assert sorted(rows) == sorted([sample, name] for sample in SAMPLES for name in expected(sample)[1])


def test_every_line_is_of_a_sample():
    assert len(SAMPLES) == 5
    assert {row[0] for row in table("peaks.csv", ["sample", "position", "height", "area", "pigment"])} == set(SAMPLES)
