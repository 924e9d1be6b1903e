"""Make the five recordings of this task, each as another recorder would write it.

    python3 generate.py

The same seed gives the same bytes; the agent never sees this file. A recording is a list of stretches: seconds, level
in dBFS of its RMS for each channel. Every block keeps half a decibel or more from the threshold.
"""

import math
import random
import struct
from pathlib import Path

TAKES = Path(__file__).resolve().parent / "environment" / "takes"
FLOOR = -58
GUID = bytes.fromhex("0000000010008000 00aa00389b71".replace(" ", ""))


def sound(rate, stretches, seed):
    """Return channels of samples between -1 and 1, and more where it is overdriven."""
    random.seed(seed)
    channels = [[] for _ in stretches[0][1]]
    for number, (seconds, levels) in enumerate(stretches):
        frames = round(seconds * rate)
        hertz = rate / (9 + number % 4)
        for channel, level in zip(channels, levels):
            top = math.sqrt(2) * 10 ** (level / 20)
            for n in range(frames):
                wobble = 1 + 0.06 * math.sin(2 * math.pi * n / rate / 0.35 + number)
                tone = top * wobble * math.sin(2 * math.pi * hertz * n / rate) if level > FLOOR else 0
                channel.append(tone + random.gauss(0, 10 ** (FLOOR / 20)))
    return channels


def chunk(name, data, size=None):
    """Return a chunk, padded to an even length."""
    return name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)


def info(**texts):
    """Return a LIST of texts about the file."""
    return chunk(b"LIST", b"INFO" + b"".join(chunk(k.encode(), v.encode() + b"\0") for k, v in texts.items()))


def cues(*points):
    """Return the cue points (id, frame, label) with their labels in another order, a note and a region among them."""
    table = b"".join(struct.pack("<II4sIII", i, frame, b"data", 0, 0, frame) for i, frame, _ in points)
    lists = b"adtl"
    for number, _, label in sorted(points):
        lists += chunk(b"labl", struct.pack("<I", number) + label.encode() + b"\0")
    lists += chunk(b"note", struct.pack("<I", points[0][0]) + b"NG? ask the editor\0")
    lists += chunk(b"ltxt", struct.pack("<IIIHHHH", points[-1][0], 10, 0x206E6772, 0, 0, 0, 0))
    return chunk(b"cue ", struct.pack("<I", len(points)) + table) + chunk(b"LIST", lists)


def bext(rate, clock, extra):
    """Return a Broadcast Wave chunk that says how many frames after midnight the file begins."""
    hours, minutes, seconds = clock
    frames = (hours * 3600 + minutes * 60 + seconds) * rate + extra
    head = (
        b"Harbour film, day 3".ljust(256, b"\0")
        + b"FR-2".ljust(32, b"\0")
        + b"".ljust(32, b"\0")
        + b"2025-03-12"
        + b"10:00:00"
    )
    return chunk(b"bext", head + struct.pack("<QH", frames, 1) + b"\0" * 254 + b"A=PCM,M=stereo\r\n")


def form(code, channels, rate, bits, extensible=False):
    """Return the format of the samples."""
    frame = channels * bits // 8
    data = struct.pack("<HHIIHH", 0xFFFE if extensible else code, channels, rate, rate * frame, frame, bits)
    if extensible:
        data += struct.pack("<HHIH", 22, bits, 3, code) + GUID
    return chunk(b"fmt ", data)


def pack(channels, kind):
    """Return interleaved samples as bytes."""
    out = bytearray()
    for frame in zip(*channels):
        for x in frame:
            if kind == "f32":
                out += struct.pack("<f", x)
            elif kind == "u8":
                out.append(max(0, min(255, round(x * 128) + 128)))
            else:
                top = 1 << (8 * int(kind) - 1)
                out += max(-top, min(top - 1, round(x * top))).to_bytes(int(kind), "little", signed=True)
    return bytes(out)


def riff(*chunks, broken=False):
    """Return a file; a recorder that lost its power never wrote the sizes."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF if broken else len(body)) + body


def recordings():
    """Return name → bytes."""
    a1 = sound(
        6000,
        [
            *((0.33, [FLOOR]), (0.52, [-18]), (0.285, [FLOOR]), (0.4, [-20])),  # a breath of 14 blocks splits nothing
            *((0.32, [FLOOR]), (0.7, [-16])),  # 15 blocks do; NG by its label
            *((0.41, [FLOOR]), (0.44, [-9])),  # a knock, too short
            *((0.36, [FLOOR]), (0.75, [-38]), (0.17, [FLOOR])),  # a whisper just loud enough
        ],
        1,
    )
    points = (
        *((7, 23500, "27C t3 whisper"), (3, 12500, "ng camera"), (5, 5600, "27C t1 again")),
        *((9, 3000, "27C t1"), (4, 18400, "knock"), (1, 21900, "NG nothing")),
    )
    a1 = riff(
        form(1, 1, 6000, 16), info(INAM="Harbour, scene 27C", ISFT="FR-2"), chunk(b"data", pack(a1, "2")), cues(*points)
    )

    a2 = sound(
        8000,
        [
            (0.21, [FLOOR]),
            (0.9, [-14]),
            (0.5, [FLOOR]),
            (0.52, [-22]),
            (0.45, [-42.5]),
            (0.61, [-19]),
            (0.093, [FLOOR]),
        ],
        2,
    )
    a2 = [[x + 0.072 for x in a2[0][: len(a2[0]) // 2 * 2 - 1]]]
    a2 = riff(
        form(1, 1, 8000, 8),
        chunk(b"data", pack(a2, "u8")),
        info(ICMT="cheap one"),
        cues((1, 2300, "28A t1"), (2, 21000, "28A t2, not NG")),
    )

    quiet = [FLOOR, FLOOR]
    b1 = sound(
        4000,
        [
            (0.46, quiet),
            (0.83, [FLOOR, -37.6]),
            (0.35, quiet),
            (0.56, [-30, -12]),
            (0.44, [-42, -42]),
            (0.66, [-21, -33]),
        ],
        3,
    )
    b1 = riff(
        *(chunk(b"JUNK", b"\0" * 27), form(1, 2, 4000, 24), bext(4000, (10, 4, 59), 3307), info(INAM="28B")),
        chunk(b"data", pack(b1, "3")),
    )

    b2 = sound(
        2000, [(0.5, [-24, -24]), (0.34, quiet), (0.47, [-10, -10]), (0.38, quiet), (0.93, [-0.6, -7]), (0.4, quiet)], 4
    )
    b2 = riff(
        *(
            cues((2, 1100, "NG clap"), (1, 2900, "29 t2")),
            bext(2000, (23, 59, 58), 1111),
            form(3, 2, 2000, 32, extensible=True),
        ),
        *(chunk(b"fact", struct.pack("<I", len(b2[0]))), chunk(b"data", pack(b2, "f32"))),
    )

    c1 = sound(
        2000,
        [(0.24, [FLOOR]), (0.5, [-26]), (0.306, [FLOOR]), (0.62, [-15]), (0.3, [FLOOR]), (0.77, [-28]), (0.011, [-3])],
        5,
    )
    c1 = riff(
        *(info(ISFT="recovered"), cues((1, 560, "30 t1"), (2, 2500, "30 t2, hum")), form(3, 1, 2000, 32)),
        chunk(b"data", pack(c1, "f32"), 0xFFFFFFFF),
        broken=True,
    )
    return {"A-0312.wav": a1, "A-0313.wav": a2, "B-7101.wav": b1, "B-7102.wav": b2, "C-lost.wav": c1}


def main():
    TAKES.mkdir(parents=True, exist_ok=True)
    for name, data in recordings().items():
        (TAKES / name).write_bytes(data)


if __name__ == "__main__":
    main()
