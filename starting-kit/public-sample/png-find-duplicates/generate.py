"""Write the pictures of this task into the image's folder.

    python3 generate.py

The same pictures come out each time. The agent never sees this file: what it says about each picture would give the
task away.
"""

import random
import shutil
import struct
import zlib
from pathlib import Path

PICTURES = Path(__file__).resolve().parent / "environment" / "pictures"
GIF = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column, first row, step of columns, step of rows."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = CHANNELS


def eight(*values):
    """Return a pixel of 16 bits per channel from values of 8 bits; without alpha it is opaque."""
    red, green, blue, alpha = (value * 257 for value in (*values, 255)[:4])
    return red, green, blue, alpha


def scene(width, height, seed):
    """Return a landscape of opaque pixels: sky, hills, a sun, some grain."""
    rng = random.Random(seed)
    tint = [rng.randrange(40, 216) for _ in range(6)]
    sun, hill, slope = (
        (rng.randrange(width), rng.randrange(2, height // 2)),
        rng.randrange(height // 2, height),
        rng.random(),
    )
    rows = []
    for y in range(height):
        row = []
        for x in range(width):
            ground = y > hill - slope * 6 * ((x * 7 % width) / width)
            base = tint[3:] if ground else tint[:3]
            if (x - sun[0]) ** 2 + (y - sun[1]) ** 2 < 12:
                base = (250, 230, 120)
            shade = 30 * y // height
            row.append(eight(*(max(0, min(255, part - shade + rng.randrange(8) * 2)) for part in base)))
        rows.append(row)
    return rows


def levels(width, height, bits, seed):
    """Return a grey picture of so many bits, such as a scan."""
    rng = random.Random(seed)
    top = 2**bits - 1
    return [[(*[rng.randrange(top + 1) * (65535 // top)] * 3, 65535) for _ in range(width)] for _ in range(height)]


def crop(rows, left, top, width, height):
    """Return a part of a picture."""
    return [row[left : left + width] for row in rows[top : top + height]]


def turned(rows, degrees, mirrored=False):
    """Return a picture, mirrored left to right perhaps, then turned clockwise."""
    rows = [row[::-1] for row in rows] if mirrored else rows
    for _ in range(degrees // 90):
        rows = [list(column) for column in zip(*rows[::-1])]
    return rows


def changed(rows, *edits):
    """Return a picture in which some pixels are others."""
    rows = [list(row) for row in rows]
    for x, y, pixel in edits:
        rows[y][x] = pixel
    return rows


def chunk(kind, data):
    """Return a chunk with its check sum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def samples(pixel, colour, depth, palette, key):
    """Return the samples of a pixel in an encoding, which must hold it exactly."""
    top = 2**depth - 1
    if colour == PALETTE:
        return [palette.index(pixel)]
    red, green, blue, alpha = pixel
    parts = {GREY: (red,), RGB: (red, green, blue), GREY_ALPHA: (red, alpha), RGBA: pixel}[colour]
    found = [part * top // 65535 for part in parts]
    if key is not None and alpha == 0:
        return list(key)
    exact = all(value * 65535 // top == part for value, part in zip(found, parts))
    if (
        not exact
        or (colour in (GREY, GREY_ALPHA) and not red == green == blue)
        or (colour in (GREY, RGB) and alpha != 65535)
    ):
        raise ValueError(f"{pixel} cannot be said in colour type {colour} of {depth} bits")
    return found


def packed(values, depth):
    """Return the bytes of a row of samples."""
    if depth == 16:
        return struct.pack(f">{len(values)}H", *values)
    per_byte = 8 // depth
    values = [*values, *[0] * (-len(values) % per_byte)]
    return bytes(
        sum(value << depth * (per_byte - 1 - place) for place, value in enumerate(values[start : start + per_byte]))
        for start in range(0, len(values), per_byte)
    )


def paeth(left, up, corner):
    """Return the neighbour that is closest to left + up - corner."""
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def filtered(lines, bytes_per_pixel, filters):
    """Return the lines of one pass with their filters, which are taken in turn."""
    out, above = b"", bytes(len(lines[0]))
    for number, line in enumerate(lines):
        kind = filters[number % len(filters)]
        out += bytes([kind])
        for place, value in enumerate(line):
            left = line[place - bytes_per_pixel] if place >= bytes_per_pixel else 0
            corner = above[place - bytes_per_pixel] if place >= bytes_per_pixel else 0
            up = above[place]
            guess = (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]
            out += bytes([(value - guess) % 256])
        above = line
    return out


def encode(rows, colour=RGB, depth=8, *, interlaced=False, filters=(0, 1, 2, 3, 4), key=None):
    """Return a picture as PNG; ``key`` is the transparent colour."""
    height, width = len(rows), len(rows[0])
    palette = None
    if colour == PALETTE:
        palette = sorted({pixel for row in rows for pixel in row}, key=lambda pixel: (pixel[3], pixel))
    data = b""
    for left, top, right, down in PASSES if interlaced else ((0, 0, 1, 1),):
        lines = [
            packed(
                [value for pixel in row[left::right] for value in samples(pixel, colour, depth, palette, key)], depth
            )
            for row in rows[top::down]
            if row[left::right]
        ]
        if lines:
            data += filtered(lines, max(1, CHANNELS[colour] * depth // 8), filters)
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))]
    if colour == PALETTE:
        chunks.append(chunk(b"PLTE", b"".join(bytes(part // 257 for part in pixel[:3]) for pixel in palette)))
        alphas = bytes(pixel[3] // 257 for pixel in palette).rstrip(b"\xff")
        chunks += [chunk(b"tRNS", alphas)] if alphas else []
    if key is not None:
        chunks.append(chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)))
    chunks += [chunk(b"IDAT", zlib.compress(data, 9)), chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


def with_chunks(png, *extra):
    """Return a file with more chunks behind its header."""
    return png[:33] + b"".join(chunk(kind, body) for kind, body in extra) + png[33:]


def in_parts(png, count):
    """Return a file whose image data are in several chunks; they were in one, the last but IEND."""
    start = png.index(b"IDAT") - 4
    body = png[start + 8 : -16]
    size = -(-len(body) // count)
    parts = [chunk(b"IDAT", body[place : place + size]) for place in range(0, len(body), size)]
    return png[:start] + b"".join(parts) + chunk(b"IEND", b"")


def taken(text):
    """Return a tIME chunk for YYYY-MM-DD HH:MM:SS."""
    year, *others = (int(part) for part in text.replace("-", " ").replace(":", " ").split())
    return b"tIME", struct.pack(">HBBBBB", year, *others)


GAMMA, TEXT = (b"gAMA", struct.pack(">I", 45455)), (b"tEXt", b"Software\0Darkroom 3")


def copies():
    """Return copies in other encodings, and what only looks like a copy."""
    lake, fjord, moor = scene(40, 30, 1), scene(32, 28, 2), scene(28, 28, 3)
    scan, text, dots = levels(30, 22, 4, 4), levels(26, 20, 1, 5), levels(21, 17, 2, 6)
    clear = [[(0, 0, 0, 0) if (x + y) % 5 == 0 else pixel for x, pixel in enumerate(row)] for y, row in enumerate(moor)]
    other = [[(9 * 257, x * 257, 7, 0) if pixel[3] == 0 else pixel for x, pixel in enumerate(row)] for row in clear]
    half = [[(*pixel[:3], 128 * 257) if x % 3 else pixel for x, pixel in enumerate(row)] for row in scene(24, 18, 7)]
    few = [
        [tuple(part // 257 // 86 * 86 * 257 if place < 3 else part for place, part in enumerate(p)) for p in row]
        for row in scene(27, 23, 8)
    ]
    glass = [[(*p[:3], 0) if y < 3 else (*p[:3], 100 * 257) if y < 6 else p for p in row] for y, row in enumerate(few)]
    grey_glass = [[(*[p[0]] * 3, (y * 8) * 257) for p in row] for y, row in enumerate(levels(19, 23, 8, 9))]
    fine = changed(fjord, *((x, 3, (fjord[3][x][0] + 1 if fjord[3][x][0] else 1, *fjord[3][x][1:])) for x in range(4)))
    key = (3, 5, 250)
    key16 = (771, 1285, 64251)
    return {
        "lake/IMG_0412.png": with_chunks(encode(lake), taken("2024-05-04 10:12:00")),
        "lake/lake.png": with_chunks(encode(lake, RGBA, 8, filters=(4, 3)), taken("2024-05-04 09:59:59"), GAMMA),
        "lake/lake-web.png": encode(lake, RGB, 16, interlaced=True),
        "export/lake_wrong.png": encode(changed(lake, (39, 29, eight(1, 2, 3)))),
        "export/fjord.png": in_parts(encode(fjord, interlaced=True), 4),
        "fjord.png": with_chunks(encode(fjord, RGB, 8, filters=(2,)), TEXT),
        "fjord-16.png": encode(fine, RGB, 16),
        "logos/moor-a.png": encode(clear, RGBA, 8, filters=(3,)),
        "logos/moor-b.png": encode(other, RGBA, 16),
        "logos/moor-c.png": encode(clear, RGB, 8, key=key),
        "logos/moor-d.png": encode(clear, RGB, 16, key=key16, interlaced=True),
        "logos/half.png": with_chunks(encode(half, RGBA, 8), taken("2023-12-31 23:59:59")),
        "logos/half-2.PNG": with_chunks(encode(half, RGBA, 16), taken("2023-01-01 00:00:00")),
        "logos/half-full.png": encode([[(*pixel[:3], 65535) for pixel in row] for row in half]),
        "logos/few.png": encode(few, PALETTE, 8, filters=(0, 4)),
        "logos/Fewer.png": encode(few, RGB, 8),
        "logos/glass.png": encode(glass, PALETTE, 8, interlaced=True),
        "logos/glass-rgba.png": encode(glass, RGBA, 8),
        "logos/shade.png": encode(grey_glass, GREY_ALPHA, 8, filters=(1, 4)),
        "logos/shade-16.png": encode(grey_glass, GREY_ALPHA, 16, interlaced=True),
        "scans/page-7.png": encode(scan, GREY, 4, filters=(4, 3, 2, 1)),
        "scans/page-7-rgb.png": encode(scan, RGB, 8),
        "scans/page-7-pal.png": encode(scan, PALETTE, 4, interlaced=True),
        "scans/text.png": encode(text, GREY, 1, filters=(1, 2)),
        "scans/text-8.png": encode(text, GREY, 8, interlaced=True),
        "scans/text-not.png": encode([[(*[65535 - pixel[0]] * 3, 65535) for pixel in row] for row in text], PALETTE, 1),
        "scans/dots.png": encode(dots, GREY, 2, interlaced=True),
        "scans/dots-pal.png": encode(dots, PALETTE, 2),
        "tiny/dot.png": encode(crop(lake, 0, 0, 3, 2), interlaced=True),
        "tiny/dot-2.png": encode(crop(lake, 0, 0, 3, 2)),
    }


def relatives():
    """Return turned pictures and crops, and what is neither."""
    bay, ridge, delta = scene(44, 32, 20), scene(30, 30, 21), scene(90, 26, 22)
    half = scene(26, 10, 23)
    card = half + turned(half, 180)
    tile = crop(scene(20, 20, 24), 4, 3, 6, 5)
    wall = [[pixel for _ in range(6) for pixel in row] for _ in range(5) for row in tile]
    badge = crop(scene(20, 20, 28), 4, 3, 6, 5)
    again = [(x, y, badge[y][x]) for y in range(5) for x in range(6)]
    stamps = changed(
        scene(31, 20, 27), *((x + 2, y + 9, p) for x, y, p in again), *((x + 17, y + 3, p) for x, y, p in again)
    )
    sixteen = [eight(i * 9, 30, 60) for i in range(16)]
    flat = scene(30, 24, 25)
    spots = [(x, y) for y in range(4) for x in range(4)]
    sixteen_in = changed(flat, *((3 + x, 5 + y, sixteen[4 * y + x]) for x, y in spots))
    fifteen_in = changed(flat, *((20 + x, 15 + y, sixteen[min(4 * y + x, 14)]) for x, y in spots))
    both = changed(sixteen_in, *((20 + x, 15 + y, fifteen_in[15 + y][20 + x]) for x, y in spots))
    veil = [
        [(*p[:3], 0) if (x + 2 * y) % 7 == 0 else p for x, p in enumerate(row)]
        for y, row in enumerate(scene(28, 26, 26))
    ]
    veiled = [[(0, 0, 0, 0) if p[3] == 0 else p for p in row] for row in crop(veil, 9, 4, 12, 15)]
    return {
        "bay/bay.png": encode(bay),
        "bay/bay-90.png": encode(turned(bay, 90), RGBA),
        "bay/bay-180.png": with_chunks(encode(turned(bay, 180)), taken("2022-02-02 02:02:02")),
        "bay/bay-left.png": encode(turned(bay, 270), interlaced=True),
        "bay/bay-mirror.png": encode(turned(bay, 0, True)),
        "bay/bay-flip.png": encode(turned(bay, 180, True), RGB, 16),
        "bay/bay-cross.png": encode(turned(bay, 90, True)),
        "bay/bay-cross-2.png": encode(turned(bay, 270, True), RGBA, interlaced=True),
        "bay/part.png": encode(crop(bay, 5, 6, 20, 17)),
        "bay/part-of-part.png": encode(crop(bay, 8, 8, 9, 9), RGBA, 16),
        "bay/part-corner.png": encode(crop(bay, 34, 20, 10, 12), interlaced=True),
        "bay/part-turned.png": encode(turned(crop(bay, 11, 3, 21, 13), 90)),
        "bay/part-mirrored.png": encode(turned(crop(bay, 0, 9, 16, 8), 270, True)),
        "bay/part-strip.png": encode(crop(bay, 0, 31, 44, 1)),
        "bay/part-changed.png": encode(changed(crop(bay, 5, 6, 20, 17), (19, 16, eight(9, 9, 9)))),
        "ridge.png": with_chunks(encode(ridge), taken("2021-06-01 12:00:00")),
        "ridge-turned.png": with_chunks(encode(turned(ridge, 270)), taken("2021-05-31 12:00:01")),
        "Ridge-copy.png": with_chunks(encode(ridge), taken("2021-06-01 12:00:00")),
        "cards/card.png": encode(card, interlaced=True),
        "cards/card-side.png": encode(turned(card, 270)),
        "cards/card-mirror.png": encode(turned(card, 180, True)),
        "walls/wall.png": encode(wall),
        "walls/tile.png": encode(crop(wall, 15, 7, 9, 8)),
        "walls/tile-turned.png": encode(turned(crop(wall, 15, 7, 7, 8), 180)),
        "delta/west.png": encode(crop(delta, 0, 0, 52, 26)),
        "delta/east.png": encode(crop(delta, 38, 0, 52, 25)),
        "delta/middle.png": encode(turned(crop(delta, 39, 3, 12, 19), 90)),
        "delta/far-east.png": encode(crop(delta, 70, 5, 15, 15)),
        "signs/board.png": encode(both),
        "signs/sixteen.png": encode(crop(both, 3, 5, 4, 4)),
        "signs/fifteen.png": encode(crop(both, 20, 15, 4, 4)),
        "signs/blank.png": encode([[both[0][0]] * 2]),
        "veil/veil.png": encode(veil, RGBA),
        "veil/veil-part.png": with_chunks(encode(turned(veiled, 180, True), RGBA, 16), taken("1999-01-01 00:00:00")),
        "walls/stamps.png": encode(stamps),
        "walls/stamp.png": encode(badge),
    }


def broken():
    """Return files that are no whole PNG."""
    good = with_chunks(encode(scene(20, 16, 30)), TEXT)
    place = good.index(b"IDAT")
    text = good.index(b"Darkroom")
    rows = scene(20, 16, 30)
    short = encode(rows[:15]).replace(struct.pack(">II", 20, 15), struct.pack(">II", 20, 16))
    header = chunk(b"IHDR", short[16:29])
    return {
        "old/good.png": good,
        "old/cut-off.png": good[:-30],
        "old/no-end.png": good[:-12],
        "old/bit-rot.png": good[: place + 90] + bytes([good[place + 90] ^ 4]) + good[place + 91 :],
        "old/comment-rot.png": good[:text] + b"d" + good[text + 1 :],
        "old/really-a-gif.png": GIF,
        "old/row-missing.png": SIGNATURE + header + short[33:],
        "old/empty.png": b"",
        "old/notes.txt": b"Scanned in 2019. The PNG files here are what the old disk gave back.\n",
        "old/good.png.bak": good,
    }


def main():
    shutil.rmtree(PICTURES, ignore_errors=True)
    for name, data in (copies() | relatives() | broken()).items():
        path = PICTURES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
