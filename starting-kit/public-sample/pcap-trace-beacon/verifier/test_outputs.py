"""Compare the findings of a trial with what the rules of the prompt give on the capture in the pristine image."""

import ipaddress
import json
import math
import os
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

ANSWER = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "beacon.json"
CAPTURE = Path("/srv/capture/uplink.pcap")
EXTENSIONS = {0, 43, 44, 60}


class Bits:
    """Bytes that are read from the front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def number(self, size):
        return int.from_bytes(self.bytes(size), "big")

    def bytes(self, size):
        self.place += size
        return self.data[self.place - size : self.place]

    def rest(self):
        return self.data[self.place :]


def frames():
    """Return (seconds as a fraction, frame) in the order of the file."""
    file, found = Bits(CAPTURE.read_bytes()), []
    assert file.number(4) == 0xA1B23C4D, "this verifier reads big-endian captures with nanoseconds alone"
    file.bytes(20)
    while file.place < len(file.data):
        second, nanosecond = file.number(4), file.number(4)
        kept = file.number(4)
        file.bytes(4)
        found.append((second + Fraction(nanosecond, 10**9), file.bytes(kept)))
    return found


def datagram(frame):
    """Return what the headers of a frame say of its IP packet as a dict; None where there is none."""
    reader = Bits(frame)
    found = {"to": reader.bytes(6).hex(":"), "by": reader.bytes(6).hex(":"), "id": None, "at": 0, "more": 0}
    kind = reader.number(2)
    while kind in (0x8100, 0x88A8):
        reader.bytes(2)
        kind = reader.number(2)
    start = reader.place
    if kind == 0x0800:
        words = reader.number(1) & 15
        reader.bytes(1)
        total, found["id"], fragment = (reader.number(2) for _ in range(3))
        found["at"], found["more"] = fragment % 8192 * 8, fragment >> 13 & 1
        reader.bytes(1)
        found["protocol"] = reader.number(1)
        reader.bytes(2)
        found["source"], found["target"] = (ipaddress.IPv4Address(reader.bytes(4)) for _ in range(2))
        reader.place = start + 4 * words
    elif kind == 0x86DD:
        reader.bytes(4)
        total, protocol = 40 + reader.number(2), reader.number(1)
        reader.bytes(1)
        found["source"], found["target"] = (ipaddress.IPv6Address(reader.bytes(16)) for _ in range(2))
        while protocol in EXTENSIONS:
            this, protocol, length = protocol, reader.number(1), reader.number(1)
            if this == 44:
                offset, found["id"] = reader.number(2), reader.number(4)
                found["at"], found["more"] = offset & ~7, offset & 1
            else:
                reader.bytes(6 + 8 * length)
        found["protocol"] = protocol
    else:
        return None
    found["size"] = start + total - reader.place
    found["data"] = reader.rest()[: found["size"]]
    return found


def whole_datagrams():
    """Return the datagrams of which everything was seen, by time; those in fragments with the time of the last one."""
    whole, pieces = [], {}
    for time, frame in frames():
        found = datagram(frame)
        if found is not None:
            found["time"] = time
            if found["at"] or found["more"]:
                pieces.setdefault((found["source"], found["target"], found["protocol"], found["id"]), []).append(found)
            else:
                whole.append(found)
    for parts in pieces.values():
        parts.sort(key=lambda part: part["at"])
        ends = [part["at"] + part["size"] for part in parts]
        if [part["at"] for part in parts] == [0, *ends[:-1]] and not parts[-1]["more"]:
            content = bytearray(ends[-1])
            for part in parts:
                content[part["at"] : part["at"] + len(part["data"])] = part["data"]
            late = max(part["time"] for part in parts)
            whole.append({**parts[0], "size": ends[-1], "data": bytes(content), "time": late})
    return sorted(whole, key=lambda found: found["time"])


def read_name(data, place):
    """Return the labels of a name from a place on, and how many bytes it takes there."""
    size = data[place]
    if size == 0:
        return (), 1
    if size >= 192:
        return read_name(data, (size - 192) * 256 + data[place + 1])[0], 2
    labels, taken = read_name(data, place + 1 + size)
    return (data[place + 1 : place + 1 + size].decode("ascii").lower(), *labels), 1 + size + taken


def resolved(message):
    """Return the labels of the name that a DNS response answers, and the addresses of its answer section."""
    labels, taken = read_name(message, 12)
    reader, addresses = Bits(message), set()
    reader.place = 6
    answers = reader.number(2)
    reader.place = 12 + taken + 4
    for _ in range(answers):
        reader.bytes(read_name(message, reader.place)[1])
        kind = reader.number(2)
        reader.bytes(6)
        value = reader.bytes(reader.number(2))
        if kind in (1, 28):
            addresses.add(ipaddress.ip_address(value))
    return labels, addresses


def is_inside(address):
    """Return whether an address is the office's."""
    return address.packed[0] == {4: 10, 6: 0xFD}[address.version]


@cache
def all_calls():
    """Return the calls by time, each with the positions of its stream that were sent."""
    datagrams, calls = whole_datagrams(), []
    responses = [
        (found["time"], found["to"], *resolved(found["data"][8:]))
        for found in datagrams
        if found["protocol"] == 17 and found["data"][:2] == b"\x00\x35"
    ]
    for found in datagrams:
        if found["protocol"] != 6 or not is_inside(found["source"]) or is_inside(found["target"]):
            continue
        reader = Bits(found["data"])
        ports, sequence = (reader.number(2), reader.number(2)), reader.number(4)
        reader.bytes(4)
        header, flags = reader.number(1) // 16 * 4, reader.number(1)
        line = (found["source"], found["target"], ports)
        same = [call for call in calls if call["line"] == line]
        if flags & 2 and not flags & 16:
            if sequence not in [call["sequence"] for call in same]:
                known = [r[2] for r in responses if r[0] < found["time"] and r[1] == found["by"] and line[1] in r[3]]
                calls.append({"line": line, "sequence": sequence, "sent": set(), "name": (known or [()])[-1]} | found)
        elif same:
            first = (sequence - same[-1]["sequence"] - 1) % 2**32
            same[-1]["sent"].update(range(first, first + found["size"] - header))
    return calls


def middle(values):
    """Return the median of fractions."""
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


@cache
def expected():
    """Return the findings; exactly one combination is the beacon."""
    named = [call for call in all_calls() if call["name"]]
    found = []
    for host, domain, port in {(c["by"], c["name"][-2:], c["line"][2][1]) for c in named}:
        mine = [c for c in named if (c["by"], c["name"][-2:], c["line"][2][1]) == (host, domain, port)]
        times = [call["time"] for call in mine]
        if len(times) < 20 or {call["by"] for call in named if call["name"][-2:] == domain} != {host}:
            continue
        gaps = [later - sooner for sooner, later in zip(times, times[1:])]
        period = middle(gaps)
        jitter = middle([abs(gap - period) for gap in gaps])
        if jitter * 10 <= period:
            found.append({
                "host": host,
                "host_addresses": {call["source"] for call in mine},
                "server_addresses": {call["target"] for call in mine},
                "domain": ".".join(domain),
                "names": {".".join(call["name"]) for call in mine},
                "port": port,
                "calls": len(mine),
                "period_sec": period,
                "jitter_sec": jitter,
                "bytes_sent": sum(len(call["sent"]) for call in mine),
            })  # fmt: skip
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def answer():
    """Return the object that the agent wrote."""
    assert ANSWER.is_file() and not ANSWER.is_symlink(), f"{ANSWER} is missing"
    assert ANSWER.stat().st_size < 20_000, f"{ANSWER} is far too long"
    found = json.loads(ANSWER.read_text(encoding="utf-8"))
    assert isinstance(found, dict) and found.keys() == expected().keys(), "beacon.json has other keys"
    return found


def listed(value):
    """Return the texts of a list, each of which is there once."""
    assert isinstance(value, list) and all(isinstance(entry, str) for entry in value), "a list of texts is asked for"
    assert len(value) == len(set(value)), "an entry is there twice"
    return value


@pytest.mark.parametrize("key", ["host", "domain"])
def test_text(answer, key):
    assert answer[key] == expected()[key]


@pytest.mark.parametrize("key", ["host_addresses", "server_addresses"])
def test_addresses(answer, key):
    found = [ipaddress.ip_address(entry) for entry in listed(answer[key])]
    assert len(found) == len(expected()[key]) and set(found) == expected()[key]


def test_names(answer):
    assert set(listed(answer["names"])) == expected()["names"]


@pytest.mark.parametrize("key", ["port", "calls", "bytes_sent"])
def test_count(answer, key):
    assert type(answer[key]) is int and answer[key] == expected()[key]


@pytest.mark.parametrize("key", ["period_sec", "jitter_sec"])
def test_seconds(answer, key):
    value = answer[key]
    assert type(value) in (int, float) and math.isfinite(value), f"{value!r} is no number"
    assert abs(Fraction(value) - expected()[key]) <= Fraction("0.0005")
