"""Score the prints: all of them right, or half of the share that is.

    python3 score.py ctrf.json

A picture is a dict from (column, row) to its three channels here; what the agent wrote is decoded, never trusted.
"""

import json
import os
import re
import struct
import sys
import zlib
from fractions import Fraction
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
PICTURES = Path("/srv/pictures")


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def size_of(pixels):
    """Return width and height."""
    return max(x for x, _ in pixels) + 1, max(y for _, y in pixels) + 1


def source(text):
    """Return the pixels of a picture as it came."""
    {% if source == "plain-ppm" %}
    words = " ".join(line.partition("#")[0] for line in text.split("\n")).split()
    width, height, most = (int(word) for word in words[1:4])
    found = {}
    for place in range(width * height):
        channels = [int(word) for word in words[4 + 3 * place : 7 + 3 * place]]
        found[place % width, place // width] = tuple((255 * value + most // 2) // most for value in channels)
    return found
    {% elif source == "xpm" %}
    strings = text.split('"')[1::2]
    width, height, colours, size = (int(word) for word in strings[0].split())
    table = {}
    for entry in strings[1 : colours + 1]:
        told = re.search(r"\sc\s+(\S+)", entry[size:])[1]
        if told == "None":
            table[entry[:size]] = (255, 255, 255)
        else:
            part = (len(told) - 1) // 3
            table[entry[:size]] = tuple(int(told[1 + at * part :][:2], 16) for at in (0, 1, 2))
    rows = strings[colours + 1 :]
    return {(x, y): table[rows[y][x * size : (x + 1) * size]] for y in range(height) for x in range(width)}
    {% else %}
    found, stack = {}, [(0, 0, "#000")]
    for tag in re.findall(r"<[^>]*>", re.sub(r"<!--.*?-->", "", text)):
        told = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        left, top, fill = stack[-1]
        fill = told.get("fill", fill)
        if tag == "</g>":
            stack.pop()
        elif tag.startswith("<svg"):
            width, height = int(told["width"]), int(told["height"])
            found = dict.fromkeys(((x, y) for x in range(width) for y in range(height)), (255, 255, 255))
        elif tag.startswith("<g"):
            right, down = re.findall(r"-?\d+", told.get("transform", "0 0"))
            stack.append((left + int(right), top + int(down), fill))
        elif tag.startswith("<rect"):
            digits = fill[1:]
            step = len(digits) // 3
            channels = tuple(int((digits[at * step : (at + 1) * step] * 2)[:2], 16) for at in (0, 1, 2))
            left, top = left + int(told.get("x", "0")), top + int(told.get("y", "0"))
            for x in range(left, left + int(told["width"])):
                for y in range(top, top + int(told["height"])):
                    if (x, y) in found:
                        found[x, y] = channels
    return found
    {% endif %}


def toned(pixels):
    """Return a picture after step 1."""
    {% if tone == "grey" %}
    return {at: ((299 * p[0] + 587 * p[1] + 114 * p[2] + 500) // 1000,) * 3 for at, p in pixels.items()}
    {% elif tone == "stretch" %}
    planes = []
    for channel in range(3):
        values = sorted(pixel[channel] for pixel in pixels.values())
        low, span = values[0], values[-1] - values[0]
        planes.append({value: ((value - low) * 255 + span // 2) // span if span else value for value in values})
    return {at: tuple(planes[channel][pixel[channel]] for channel in range(3)) for at, pixel in pixels.items()}
    {% elif tone == "inks" %}
    lines = (PICTURES / "inks.txt").read_text(encoding="utf-8").split()
    inks = [tuple(int(line[at : at + 2], 16) for at in (1, 3, 5)) for line in lines]

    def inked(pixel):
        return min(((p[0] - pixel[0]) ** 2 + (p[1] - pixel[1]) ** 2 + (p[2] - pixel[2]) ** 2, i) for i, p in enumerate(inks))[1]

    return {at: inks[inked(pixel)] for at, pixel in pixels.items()}
    {% else %}
    width, height = size_of(pixels)
    planes = []
    for channel in range(3):
        plane = {}
        for y in range(height):
            error = 0
            for x in range(width):
                error += pixels[x, y][channel]
                plane[x, y] = 255 * (error >= 128)
                error -= plane[x, y]
        planes.append(plane)
    return {at: tuple(plane[at] for plane in planes) for at in pixels}
    {% endif %}


def formed(pixels):
    """Return a picture after step 2."""
    width, height = size_of(pixels)
    {% if geometry == "rotate" %}
    return {(height - 1 - y, x): pixel for (x, y), pixel in pixels.items()}
    {% elif geometry == "trim" %}
    other = [at for at, pixel in pixels.items() if pixel != pixels[0, 0]] or [(0, 0)]
    (left, right), (top, bottom) = ((min(values), max(values)) for values in zip(*other))
    return {(x - left, y - top): pixel for (x, y), pixel in pixels.items() if left <= x <= right and top <= y <= bottom}
    {% elif geometry == "halve" %}
    found = {}
    for x, y in ((x, y) for x in range(width // 2) for y in range(height // 2)):
        four = [pixels[2 * x + dx, 2 * y + dy] for dx in (0, 1) for dy in (0, 1)]
        found[x, y] = tuple((sum(pixel[channel] for pixel in four) + 2) // 4 for channel in range(3))
    return found
    {% else %}
    return {((x + {{ right }}) % width, (y + {{ down }}) % height): pixel for (x, y), pixel in pixels.items()}
    {% endif %}


def signed(name, pixels):
    """Return a picture after step 3."""
    width, height = size_of(pixels)
    {% if mark == "redact" %}
    for line in (PICTURES / "boxes.csv").read_text(encoding="utf-8").split()[1:]:
        picture, *box = line.split(",")
        left, top, right, bottom = map(int, box)
        if picture == name:
            black = {at for at in pixels if left <= at[0] < right and top <= at[1] < bottom}
            pixels = {at: (0, 0, 0) if at in black else pixel for at, pixel in pixels.items()}
    return pixels
    {% elif mark == "stamp" %}
    lines = (PICTURES / "stamp.txt").read_text(encoding="utf-8").split()
    found = dict(pixels)
    for x, y in pixels:
        across, down = x - (width - 1) + len(lines[0]), y - (height - 1) + len(lines)
        if 0 <= across < len(lines[0]) and 0 <= down < len(lines) and lines[down][across] == "#":
            found[x, y] = tuple((value + 765) // 4 for value in pixels[x, y])
    return found
    {% elif mark == "frame" %}
    edge, colour = {{ edge }}, tuple(int("{{ edge_colour }}"[at : at + 2], 16) for at in (0, 2, 4))
    places = ((x, y) for x in range(width + 2 * edge) for y in range(height + 2 * edge))
    return {(x, y): pixels.get((x - edge, y - edge), colour) for x, y in places}
    {% else %}
    lines = set(range({{ every - 1 }}, 1000, {{ every }}))
    return {at: tuple(v ^ 255 for v in pixel) if lines & set(at) else pixel for at, pixel in pixels.items()}
    {% endif %}


def line_of(name, pixels):
    """Return a print's line of the index."""
    width, height = size_of(pixels)
    {% if index == "checksum" %}
    data = b"".join(bytes(pixels[x, y]) for y in range(height) for x in range(width))
    told = [format(zlib.crc32(data), "08x")]
    {% elif index == "colours" %}
    named = ["%02x%02x%02x" % pixel for pixel in pixels.values()]
    most = max(map(named.count, set(named)))
    told = [len(set(named)), sorted(colour for colour in set(named) if named.count(colour) == most)[0]]
    {% else %}
    told = [int(Fraction(sum(pixel[channel] for pixel in pixels.values()), len(pixels)) + Fraction(1, 2)) for channel in range(3)]
    {% endif %}
    return ",".join(map(str, [name, width, height, *told]))


def read_output(name):
    """Return the bytes of a file that the agent wrote."""
    folder, path = WORKSPACE / "prints", WORKSPACE / "prints" / name
    if folder.is_symlink() or path.is_symlink() or not path.is_file():
        raise Refused(f"{name} is missing")
    if path.stat().st_size > 100_000:
        raise Refused(f"{name} is far too long")
    return path.read_bytes()


def decoded(data):
    """Return width, height, and the bytes of red, green and blue from the top left on, of a print."""
    {% if target == "ppm" %}
    header = re.match(rb"P6\s+(?:#[^\n]*\n\s*)*(\d{1,4})\s+(\d{1,4})\s+255\s", data)
    if not header:
        raise Refused("this is no raw pixmap with 255 as the largest value")
    width, height = int(header[1]), int(header[2])
    if len(data) - header.end() != 3 * width * height:
        raise Refused("a print has more or fewer bytes than its header says")
    return width, height, data[header.end() :]
    {% elif target == "farbfeld" %}
    if len(data) < 16 or data[:8] != b"farbfeld":
        raise Refused("this is no farbfeld")
    width, height = struct.unpack(">II", data[8:16])
    words = [word for (word,) in struct.iter_unpack(">H", data[16 : len(data) // 2 * 2])]
    if len(data) != 16 + 8 * width * height or any(word != 65535 for word in words[3::4]) or any(w % 257 for w in words):
        raise Refused("a print has another length than its header says, or other values")
    return width, height, bytes(word // 257 for place, word in enumerate(words) if place % 4 < 3)
    {% else %}
    {% if target == "bmp" %}
    if len(data) < 54 or data[:2] != b"BM":
        raise Refused("this is no bitmap")
    start, header, width, height, planes, bits, compression = struct.unpack("<IIiiHHI", data[10:34])
    if header < 40 or (planes, bits, compression) != (1, 24, 0):
        raise Refused("a bitmap has other than 24 bits, or is compressed")
    from_top, height, step = height < 0, abs(height), (3 * width + 3) // 4 * 4
    end = len(data)
    {% else %}
    if len(data) < 18:
        raise Refused("this is no TGA")
    named, mapped, kind, *_, width, height, bits, descriptor = struct.unpack("<BBBHHBHHHHBB", data[:18])
    if (named, mapped, kind, bits) != (0, 0, 2, 24) or descriptor & ~0x20:
        raise Refused("a TGA has other than 24 bits of true colour, or columns from the right")
    start, from_top, step = 18, descriptor & 0x20, 3 * width
    end = len(data) - 26 if data.endswith(b"TRUEVISION-XFILE.\0") else len(data)
    {% endif %}
    if not (0 < width < 1000 and 0 < height < 1000) or end < start + step * height or end > start + step * height + 2:
        raise Refused("a print has another length than its header says")
    lines = [data[start + step * y :][: 3 * width] for y in range(height)]
    rows = lines if from_top else lines[::-1]
    return width, height, b"".join(row[at : at + 3][::-1] for row in rows for at in range(0, 3 * width, 3))
    {% endif %}


def is_right(name, pixels):
    """Say whether a print has the pixels that it should have."""
    try:
        width, height, data = decoded(read_output(f"{name}.{{ suffix }}"))
    except Refused:
        return False
    wanted = b"".join(bytes(pixels[x, y]) for y in range(size_of(pixels)[1]) for x in range(size_of(pixels)[0]))
    return (width, height) == size_of(pixels) and data == wanted


HEADER = "{{ {"checksum": "name,width,height,crc32", "colours": "name,width,height,colours,most", "mean": "name,width,height,red,green,blue"}[index] }}"


def judge():
    """Return the reward as a fraction, and what is to be said of it."""
    prints = {}
    for path in sorted(PICTURES.glob("*.{{ ending }}")):
        prints[path.stem] = signed(path.stem, formed(toned(source(path.read_text(encoding="utf-8")))))
    try:
        lines = read_output("index.csv").decode("utf-8", "replace").splitlines()
    except Refused as refused:
        return Fraction(0), str(refused)
    told = {name: line_of(name, pixels) for name, pixels in prints.items()}
    right = [name for name, pixels in prints.items() if is_right(name, pixels)]
    if len(right) == len(prints) and lines == [HEADER, *told.values()]:
        return Fraction(1), "all prints are right"
    whole = [name for name in right if lines.count(told[name]) == 1]
    return Fraction(len(whole), 2 * len(prints)), f"{len(whole)} of {len(prints)} prints are right, with their lines"


def main():
    reward, message = judge()
    passed = int(reward == 1)
    none = dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    test = {"name": "prints", "status": "passed" if passed else "failed", "duration": 0, "message": message}
    summary = {"tests": 1, "passed": passed, "failed": 1 - passed, **none}
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": [test]}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}) + "\n", encoding="utf-8")
    print(round(float(reward), 4))


if __name__ == "__main__":
    main()
