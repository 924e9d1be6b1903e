#!/bin/bash
set -euo pipefail
find /srv/pictures -type f | sort | head -100

# What is in them? The header of each file says size, depth, colour type and interlacing.
python3 - <<'PY'
from collections import Counter
from pathlib import Path

headers = [path.read_bytes()[16:29] for path in Path("/srv/pictures").rglob("*") if path.suffix.lower() == ".png"]
print(Counter((h[8], h[9], h[12]) for h in headers if len(h) == 13))
PY

cat > /root/png.py <<'PY'
"""Decodes PNG files into rows of pixels."""

import struct
import zlib

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
CLEAR = (0, 0, 0, 0)


class Broken(Exception):
    pass


def chunks(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise Broken("no signature")
    found, place = [], 8
    while place < len(data):
        if place + 12 > len(data):
            raise Broken("cut off")
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body, check = data[place + 8 : place + 8 + size], data[place + 8 + size : place + 12 + size]
        if len(check) != 4 or zlib.crc32(kind + body) != int.from_bytes(check, "big"):
            raise Broken("wrong CRC")
        found.append((kind, body))
        place += 12 + size
    if not found or found[0][0] != b"IHDR" or found[-1][0] != b"IEND":
        raise Broken("no IHDR or no IEND")
    return found


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(kind, line, above, step):
    for i in range(len(line)):
        a, c = (line[i - step], above[i - step]) if i >= step else (0, 0)
        b = above[i]
        line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) % 256
    return line


def decode(data):
    """Return the rows of pixels and the time."""
    parts = chunks(data)
    named = dict(reversed(parts))
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", named[b"IHDR"])
    if depth not in DEPTHS.get(colour, ()):
        raise Broken("wrong header")
    bits = CHANNELS[colour] * depth
    passes = []
    for left, top, right, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, lines = len(range(left, width, right)), len(range(top, height, down))
        if columns and lines:
            passes.append((left, top, right, down, lines, (columns * bits + 7) // 8, columns))
    try:
        raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    except zlib.error:
        raise Broken("image data cannot be unpacked") from None
    if len(raw) != sum(lines * (size + 1) for *_, lines, size, _ in passes):
        raise Broken("wrong length of the image data")

    alphas = named.get(b"tRNS", b"")
    top_value = 2**depth - 1
    key = struct.unpack(f">{len(alphas) // 2}H", alphas) if colour in (0, 2) and alphas else None
    palette = []
    if colour == 3:
        colours = named[b"PLTE"]
        palette = [
            (*(part * 257 for part in colours[i : i + 3]), alphas[i // 3] * 257 if i // 3 < len(alphas) else 65535)
            for i in range(0, len(colours), 3)
        ]

    def pixel(samples):
        if colour == 3:
            found = palette[samples[0]]
        elif samples == key:
            return CLEAR
        else:
            values = [v * 65535 // top_value for v in samples]
            grey = [values[0]] * 3 if colour in (0, 4) else values[:3]
            found = (*grey, values[-1] if colour in (4, 6) else 65535)
        return found if found[3] else CLEAR  # all that is fully transparent is equal

    rows, place = [[None] * width for _ in range(height)], 0
    for left, top, right, down, lines, size, columns in passes:
        above = bytes(size)
        for y in range(top, height, down):
            above = unfilter(raw[place], bytearray(raw[place + 1 : place + 1 + size]), above, max(1, bits // 8))
            place += size + 1
            if depth == 16:
                samples = struct.unpack(f">{size // 2}H", above)
            else:
                samples = [byte >> shift & top_value for byte in above for shift in range(8 - depth, -1, -depth)]
            for n in range(columns):
                rows[y][left + n * right] = pixel(tuple(samples[n * CHANNELS[colour] :][: CHANNELS[colour]]))
    return rows, named.get(b"tIME")
PY

cat > /root/index.py <<'PY'
import json
from pathlib import Path

from png import Broken, decode

ARCHIVE = Path("/srv/pictures")
TURNS = [(mirrored, degrees) for mirrored in (False, True) for degrees in (0, 90, 180, 270)]


def turns(rows):
    for mirrored in (False, True):
        picture = [row[::-1] for row in rows] if mirrored else rows
        for degrees in (0, 90, 180, 270):
            yield mirrored, degrees, picture
            picture = [list(column) for column in zip(*picture[::-1])]


# Pixels become numbers of four bytes, so that bytes.find() looks for a row within a row.
numbers, broken, pictures, times = {}, [], {}, {}
for path in sorted(ARCHIVE.rglob("*")):
    if not path.name.lower().endswith(".png") or not path.is_file():
        continue
    name = path.relative_to(ARCHIVE).as_posix()
    try:
        rows, times[name] = decode(path.read_bytes())
    except Broken as reason:
        print(name, reason)
        broken.append(name)
        continue
    pictures[name] = [[numbers.setdefault(pixel, len(numbers)) for pixel in row] for row in rows]


def packed(rows):
    return [b"".join(number.to_bytes(4, "big") for number in row) for row in rows]


SMALL = {name: packed(rows) for name, rows in pictures.items()}
SIZE = {name: len(rows) * len(rows[0]) for name, rows in pictures.items()}
RICH = {name: len({number for row in rows for number in row}) >= 16 for name, rows in pictures.items()}
TURNED = {name: [(m, d, packed(rows)) for m, d, rows in turns(rows)] for name, rows in pictures.items()}


def places(small, large):
    """Yield x, y of each place of a picture in another one, by row, then column."""
    for y in range(len(large) - len(small) + 1):
        at = large[y].find(small[0])
        while at >= 0:
            if at % 4 == 0 and all(large[y + i].startswith(row, at) for i, row in enumerate(small)):
                yield at // 4, y
            at = large[y].find(small[0], at + 1)


def relation(name, other):
    small = SMALL[name]
    if small == SMALL[other]:
        return {"relation": "copy"}
    for mirrored, degrees, large in TURNED[other]:
        if SIZE[name] == SIZE[other] and small == large:
            return {"relation": "turned", "mirrored": mirrored, "degrees": degrees}
        if SIZE[name] < SIZE[other] and RICH[name]:
            for x, y in places(small, large):
                return {"relation": "crop", "mirrored": mirrored, "degrees": degrees, "x": x, "y": y}
    return None


related = {(a, b): found for a in pictures for b in pictures if a != b and (found := relation(a, b))}
groups = {name: {name} for name in pictures}
for a, b in related:
    both = groups[a] | groups[b]
    for name in both:
        groups[name] = both

index = {"broken": broken, "groups": []}
for group in {id(group): group for group in groups.values()}.values():
    if len(group) > 1:
        # A time is seven bytes, year first: as bytes the earlier one is less.
        original = min(group, key=lambda n: (-SIZE[n], times[n] is None, times[n] or b"", n.encode()))
        members = [{"file": n, **related.get((n, original), {"relation": "linked"})} for n in sorted(group - {original})]
        index["groups"].append({"original": original, "members": members})

Path("/root/index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
PY

python3 /root/index.py
cat /root/index.json
