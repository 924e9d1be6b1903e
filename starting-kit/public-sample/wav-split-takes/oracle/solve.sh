#!/bin/bash
set -euo pipefail

# Which chunks are there, in which order? Sizes and formats differ from recorder to recorder.
cat > /root/chunks.py <<'PY'
import struct


def chunks(data, start=12):
    """Yield name and content; a size that reaches past the end stops there, odd ones are padded."""
    while start + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, start)
        yield name.decode("latin-1"), data[start + 8 : start + 8 + size]
        start += 8 + size + size % 2


if __name__ == "__main__":
    from pathlib import Path

    for path in sorted(Path("/srv/takes").iterdir()):
        print(path.name, [(name, len(content)) for name, content in chunks(path.read_bytes())])
PY
python3 /root/chunks.py

cat > /root/split_takes.py <<'PY'
import math
import struct
from itertools import groupby
from pathlib import Path

from chunks import chunks

RATE_OF_PICTURE = 25


class Recording:
    def __init__(self, path):
        self.name = path.name
        found = dict(reversed(list(chunks(path.read_bytes()))))
        self.code, self.channels, self.rate, _, _, bits = struct.unpack_from("<HHIIHH", found["fmt "])
        if self.code == 0xFFFE:  # extensible: the code is the first word of the GUID
            self.code = struct.unpack_from("<H", found["fmt "], 24)[0]
        self.samples = self.decode(found["data"], bits // 8)
        self.since_midnight = struct.unpack_from("<Q", found["bext"], 338)[0] if "bext" in found else 0
        self.cues = self.read_cues(path, found.get("cue ", b"\0" * 4))

    def decode(self, data, width):
        """Return one list per channel, with full scale at 1 and the mean taken away."""
        data = data[: len(data) // (width * self.channels) * width * self.channels]
        if self.code == 3:
            values = struct.unpack(f"<{len(data) // 4}f", data)
        elif width == 1:
            values = [(byte - 128) / 128 for byte in data]
        else:
            top = 1 << (8 * width - 1)
            pieces = (data[i : i + width] for i in range(0, len(data), width))
            values = [int.from_bytes(piece, "little", signed=True) / top for piece in pieces]
        channels = [values[n :: self.channels] for n in range(self.channels)]
        means = [math.fsum(channel) / len(channel) for channel in channels]
        return [[x - mean for x in channel] for channel, mean in zip(channels, means)]

    def read_cues(self, path, table):
        """Return (frame, label), by frame."""
        labels = {}
        for name, content in chunks(path.read_bytes()):
            if name == "LIST" and content[:4] == b"adtl":
                for kind, text in chunks(content, 4):
                    if kind == "labl":
                        labels[struct.unpack_from("<I", text)[0]] = text[4:].split(b"\0")[0].decode()
        points = struct.iter_unpack("<II4sIII", table[4 : 4 + 24 * struct.unpack_from("<I", table)[0]])
        return sorted((frame, labels[number]) for number, _, _, _, _, frame in points)

    def takes(self):
        """Yield (first frame, frame behind the last, label or None, peak in dBFS) of what is worth keeping."""
        size = self.rate // 50
        blocks = len(self.samples[0]) // size
        loud = [any(self.level(channel, n * size, size) >= -40 for channel in self.samples) for n in range(blocks)]
        runs = [(is_loud, len(list(group))) for is_loud, group in groupby(loud)]
        first, stretches, place = None, [], 0
        for number, (is_loud, length) in enumerate(runs):
            if is_loud or (0 < number < len(runs) - 1 and length < 15):
                first = place if first is None else first
            elif first is not None:
                stretches.append((first, place))
                first = None
            place += length
        stretches += [] if first is None else [(first, place)]
        for first, end in stretches:
            first, end, long_enough = first * size, end * size, end - first >= 25
            labels = [label for frame, label in self.cues if first <= frame < end]
            if long_enough and not any(label.upper().startswith("NG") for label in labels):
                peak = max(abs(x) for channel in self.samples for x in channel[first:end])
                yield first, end, labels[0] if labels else None, 20 * math.log10(peak)

    @staticmethod
    def level(channel, start, size):
        power = math.fsum(x * x for x in channel[start : start + size]) / size
        return 10 * math.log10(power) if power else -math.inf


def timecode(frames):
    return ":".join(f"{n:02d}" for n in (frames // 90000 % 24, frames // 1500 % 60, frames // 25 % 60, frames % 25))


lines, number, record = ["TITLE: SELECTS", "FCM: NON-DROP FRAME", ""], 0, 90000
for path in sorted(Path("/srv/takes").glob("*.wav")):
    recording = Recording(path)
    for first, end, label, peak in recording.takes():
        number += 1
        begin = (recording.since_midnight + first) * RATE_OF_PICTURE // recording.rate
        finish = -(-(recording.since_midnight + end) * RATE_OF_PICTURE // recording.rate)
        length = finish - begin
        track = "AA" if recording.channels == 2 else "A"
        reel = path.stem.upper()
        codes = " ".join(map(timecode, (begin, finish, record, record + length)))
        lines.append(f"{number:03d}  {reel:<8} {track:<5} C        {codes}")
        lines.append(f"* FROM CLIP NAME: {path.name}")
        lines.append(f"* PEAK: {peak:.1f} DBFS")
        lines += [f"* LOC: {label}"] if label else []
        record += length
Path("/root/selects.edl").write_text("\n".join(lines) + "\n", encoding="utf-8")
PY

python3 /root/split_takes.py
cat /root/selects.edl
