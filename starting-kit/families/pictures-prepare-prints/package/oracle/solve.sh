#!/bin/bash
set -euo pipefail
cd /srv/pictures
ls -l
for picture in *.{{ ending }}; do head -n 6 "$picture" | cut -c 1-100; done

cat > /root/prepare.py <<'PY'
import csv
import re
import struct
import zlib
from collections import Counter
from pathlib import Path
{% if source == "svg" %}
from xml.etree import ElementTree
{% endif %}

PICTURES, PRINTS = Path("/srv/pictures"), Path("/root/prints")

# A picture is a list of rows; a pixel is a tuple of red, green and blue.

{% if source == "plain-ppm" %}
def read(text):
    _, width, height, most, *values = re.sub("#.*", "", text).split()
    width, height, most = int(width), int(height), int(most)
    scaled = [(255 * int(value) + most // 2) // most for value in values]
    pixels = list(zip(scaled[::3], scaled[1::3], scaled[2::3]))
    return [pixels[start : start + width] for start in range(0, width * height, width)]
{% elif source == "xpm" %}
def read(text):
    header, *lines = re.findall('"([^"]*)"', text)
    width, height, colours, size = map(int, header.split())
    table = {}
    for line in lines[:colours]:
        words = line[size:].split()
        told = words[words.index("c") + 1].lstrip("#")
        step = len(told) // 3  # two digits, or four of which the lower two do not count
        table[line[:size]] = tuple(int(told[at : at + 2], 16) for at in range(0, 3 * step, step)) if told != "None" else (255,) * 3
    return [[table[row[at : at + size]] for at in range(0, width * size, size)] for row in lines[colours:]]
{% else %}
def paint(rows, element, left, top, fill):
    fill = element.get("fill", fill)
    if element.tag.endswith("}g"):
        move = re.fullmatch(r"translate\((-?\d+),(-?\d+)\)", element.get("transform", "translate(0,0)"))
        for child in element:
            paint(rows, child, left + int(move[1]), top + int(move[2]), fill)
        return
    digits = fill[1:] if len(fill) == 7 else "".join(2 * digit for digit in fill[1:])
    left, top = left + int(element.get("x", 0)), top + int(element.get("y", 0))
    for y in range(max(0, top), min(len(rows), top + int(element.get("height")))):
        for x in range(max(0, left), min(len(rows[0]), left + int(element.get("width")))):
            rows[y][x] = tuple(bytes.fromhex(digits))

def read(text):
    sheet = ElementTree.fromstring(text)
    rows = [[(255, 255, 255)] * int(sheet.get("width")) for _ in range(int(sheet.get("height")))]
    for child in sheet:
        paint(rows, child, 0, 0, "#000000")
    return rows
{% endif %}

{% if tone == "grey" %}
def coloured(rows):
    return [[((299 * r + 587 * g + 114 * b + 500) // 1000,) * 3 for r, g, b in row] for row in rows]
{% elif tone == "stretch" %}
def coloured(rows):
    bounds = [(min(values), max(values)) for values in zip(*(pixel for row in rows for pixel in row))]

    def stretched(value, least, most):
        return ((value - least) * 255 + (most - least) // 2) // (most - least) if most > least else value

    return [[tuple(stretched(v, *bound) for v, bound in zip(pixel, bounds)) for pixel in row] for row in rows]
{% elif tone == "inks" %}
INKS = [tuple(bytes.fromhex(line[1:])) for line in (PICTURES / "inks.txt").read_text().split()]

def coloured(rows):
    def nearest(pixel):
        return min(INKS, key=lambda ink: sum((a - b) ** 2 for a, b in zip(pixel, ink)))  # of equal ones, the first

    return [[nearest(pixel) for pixel in row] for row in rows]
{% else %}
def coloured(rows):
    done = []
    for row in rows:
        left_over, line = [0, 0, 0], []
        for pixel in row:
            sums = [value + error for value, error in zip(pixel, left_over)]
            line.append(tuple(255 if value >= 128 else 0 for value in sums))
            left_over = [value - given for value, given in zip(sums, line[-1])]
        done.append(line)
    return done
{% endif %}

{% if geometry == "rotate" %}
def shaped(rows):
    return [list(column) for column in zip(*rows[::-1])]
{% elif geometry == "trim" %}
def shaped(rows):
    corner = rows[0][0]
    inside = [y for y, row in enumerate(rows) if set(row) != {corner}]
    if not inside:
        return [[corner]]
    rows = rows[inside[0] : inside[-1] + 1]
    columns = [x for x, column in enumerate(zip(*rows)) if set(column) != {corner}]
    return [row[columns[0] : columns[-1] + 1] for row in rows]
{% elif geometry == "halve" %}
def shaped(rows):
    def mean(*square):
        return tuple((sum(values) + 2) // 4 for values in zip(*square))

    return [[mean(*four) for four in zip(a[::2], a[1::2], b[::2], b[1::2])] for a, b in zip(rows[::2], rows[1::2])]
{% else %}
def shaped(rows):
    height, width = len(rows), len(rows[0])
    return [[rows[(y - {{ down }}) % height][(x - {{ right }}) % width] for x in range(width)] for y in range(height)]
{% endif %}

{% if mark == "redact" %}
def marked(name, rows):
    with open(PICTURES / "boxes.csv", newline="") as file:
        boxes = [box for box in csv.DictReader(file) if box["picture"] == name]
    for box in boxes:
        for y in range(max(0, int(box["top"])), min(len(rows), int(box["bottom"]))):
            for x in range(max(0, int(box["left"])), min(len(rows[0]), int(box["right"]))):
                rows[y][x] = (0, 0, 0)
    return rows
{% elif mark == "stamp" %}
STAMP = (PICTURES / "stamp.txt").read_text().split()

def marked(name, rows):
    top, left = len(rows) - 1 - len(STAMP), len(rows[0]) - 1 - len(STAMP[0])
    for y, line in enumerate(STAMP, top):
        for x, sign in enumerate(line, left):
            if sign == "#" and x >= 0 and y >= 0:
                rows[y][x] = tuple((value + 3 * 255) // 4 for value in rows[y][x])
    return rows
{% elif mark == "frame" %}
def marked(name, rows):
    edge, colour = {{ edge }}, tuple(bytes.fromhex("{{ edge_colour }}"))
    bar = [[colour] * (len(rows[0]) + 2 * edge) for _ in range(edge)]
    return bar + [[colour] * edge + row + [colour] * edge for row in rows] + bar
{% else %}
def marked(name, rows):
    last = {{ every }} - 1
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            if y % {{ every }} == last or x % {{ every }} == last:
                row[x] = tuple(255 - value for value in pixel)
    return rows
{% endif %}

{% if target == "ppm" %}
def encoded(rows, width, height):
    return b"P6\n%d %d\n255\n" % (width, height) + b"".join(bytes(pixel) for row in rows for pixel in row)
{% elif target == "bmp" %}
def encoded(rows, width, height):
    lines = [b"".join(bytes(pixel[::-1]) for pixel in row) for row in reversed(rows)]  # from the bottom, blue first
    data = b"".join(line + bytes(-len(line) % 4) for line in lines)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(data), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(data), 0, 0, 54) + header + data
{% elif target == "tga" %}
def encoded(rows, width, height):
    header = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, width, height, 24, 0x20)  # 0x20: from the top
    return header + b"".join(bytes(pixel[::-1]) for row in rows for pixel in row)
{% else %}
def encoded(rows, width, height):
    words = [word for row in rows for r, g, b in row for word in (257 * r, 257 * g, 257 * b, 65535)]
    return struct.pack(">8sII", b"farbfeld", width, height) + struct.pack(f">{len(words)}H", *words)
{% endif %}

{% if index == "checksum" %}
COLUMNS = ["crc32"]

def told(pixels):
    return [f"{zlib.crc32(b''.join(map(bytes, pixels))):08x}"]
{% elif index == "colours" %}
COLUMNS = ["colours", "most"]

def told(pixels):
    counts = Counter(bytes(pixel).hex() for pixel in pixels)
    return [len(counts), min(counts, key=lambda colour: (-counts[colour], colour))]
{% else %}
COLUMNS = ["red", "green", "blue"]

def told(pixels):
    return [(2 * sum(values) + len(values)) // (2 * len(values)) for values in zip(*pixels)]
{% endif %}

PRINTS.mkdir(exist_ok=True)
with open(PRINTS / "index.csv", "w", newline="") as file:
    index = csv.writer(file, lineterminator="\n")
    index.writerow(["name", "width", "height", *COLUMNS])
    for path in sorted(PICTURES.glob("*.{{ ending }}")):
        rows = marked(path.stem, shaped(coloured(read(path.read_text()))))
        width, height = len(rows[0]), len(rows)
        (PRINTS / f"{path.stem}.{{ suffix }}").write_bytes(encoded(rows, width, height))
        index.writerow([path.stem, width, height, *told([pixel for row in rows for pixel in row])])
PY

python3 /root/prepare.py
ls -l /root/prints
cat /root/prints/index.csv
