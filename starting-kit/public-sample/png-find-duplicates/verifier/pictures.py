"""Reads PNG files as numbers of bits, for the verifier; says what is no whole file."""

import zlib
from fractions import Fraction
from itertools import product

STEPS = ("1 1 8 8", "5 1 8 8", "1 5 4 8", "3 1 4 4", "1 3 2 4", "2 1 2 2", "1 2 1 2")
"""The passes of Adam7 as the specification counts them, from 1: column, row, step of columns, step of rows."""
SAMPLES = {0: "g", 2: "rgb", 3: "i", 4: "ga", 6: "rgba"}


class BrokenFileError(Exception):
    """A file that is no whole PNG."""


def split(data):
    """Return (kind, body) of all chunks."""
    signature, rest, found = data[:8], data[8:], []
    while rest:
        end = int.from_bytes(rest[:4], "big") + 8
        if len(rest) < end + 4 or zlib.crc32(rest[4:end]) != int.from_bytes(rest[end : end + 4], "big"):
            raise BrokenFileError
        found.append((rest[4:8].decode("latin-1"), rest[8:end]))
        rest = rest[end + 4 :]
    if signature != bytes.fromhex("89504e470d0a1a0a") or [kind for kind, _ in found[:1] + found[-1:]] != [
        "IHDR",
        "IEND",
    ]:
        raise BrokenFileError
    return found


def predicted(kind, left, up, corner):
    """Return what a filter expects of a byte."""
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    distances = [abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)]
    return (left, up, corner)[distances.index(min(distances))]


class Picture:
    """One picture: its rows of (red, green, blue, alpha), and when it was changed last."""

    def __init__(self, data):
        found = split(data)
        self.chunks = dict(found[::-1])
        header = self.chunks["IHDR"]
        self.width, self.height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
        self.depth, self.kind, interlaced = header[8], SAMPLES[header[9]], header[12]
        self.time = self.chunks.get("tIME")
        self.pixels = {}
        unpacked = zlib.decompressobj()
        try:
            data = unpacked.decompress(b"".join(body for kind, body in found if kind == "IDAT"), 10**7)
        except zlib.error:
            raise BrokenFileError from None
        for step in STEPS if interlaced else ("1 1 1 1",):
            left, top, right, down = map(int, step.split())
            data = self.read_pass(data, range(left - 1, self.width, right), range(top - 1, self.height, down))
        if data or not unpacked.eof:
            raise BrokenFileError
        self.rows = [[self.pixels[x, y] for x in range(self.width)] for y in range(self.height)]

    def read_pass(self, data, columns, lines):
        """Read the pixels of one pass, and return what is left of the data."""
        bits = self.depth * len(self.kind)
        size, step = -(-len(columns) * bits // 8), max(1, bits // 8)
        before = [0] * (size + step)
        for y in lines if columns else ():
            line, data = data[: size + 1], data[size + 1 :]
            if len(line) != size + 1 or line[0] > 4:
                raise BrokenFileError
            now = [0] * step
            for place, byte in enumerate(line[1:]):
                guess = predicted(line[0], now[place], before[place + step], before[place])
                now.append(byte + guess & 255)
            before, number = now, int.from_bytes(bytes(now[step:]), "big")
            for place, x in enumerate(columns):
                shift = 8 * size - bits * (place + 1)
                self.pixels[x, y] = self.pixel(number >> shift & (1 << bits) - 1)
        return data

    def pixel(self, number):
        """Return a pixel from all of its bits."""
        count, top = len(self.kind), (1 << self.depth) - 1
        said = {name: number >> self.depth * (count - 1 - place) & top for place, name in enumerate(self.kind)}
        clear = self.chunks.get("tRNS", b"")
        if self.kind == "i":
            entry = self.chunks["PLTE"][3 * said["i"] : 3 * said["i"] + 3]
            alpha = (*clear, *[255] * 256)[said["i"]]
            values = [257 * value for value in (*entry, alpha)]
        else:
            key = [int.from_bytes(clear[place : place + 2], "big") for place in range(0, len(clear), 2)]
            values = [Fraction(65535 * said.get(name, said.get("g", 0)), top) for name in "rgb"]
            values.append(Fraction(65535 * said["a"], top) if "a" in said else 65535)
            if key and key == list(said.values()):
                values[3] = 0
        return tuple(map(int, values)) if values[3] else None

    def turned(self, mirrored, degrees):
        """Return the rows of a turn."""
        wide, high = (self.width, self.height) if degrees % 180 == 0 else (self.height, self.width)
        rows = [[None] * wide for _ in range(high)]
        for x, y in product(range(self.width), range(self.height)):
            a, b = (self.width - 1 - x if mirrored else x), y
            across = {0: (a, b), 90: (wide - 1 - b, a), 180: (wide - 1 - a, high - 1 - b), 270: (b, high - 1 - a)}
            column, row = across[degrees]
            rows[row][column] = self.rows[y][x]
        return rows
