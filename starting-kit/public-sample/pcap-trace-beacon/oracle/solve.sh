#!/bin/bash
set -euo pipefail

# The first 24 bytes say how the rest reads: a1b23c4d is big-endian with nanoseconds; snap length 0x280, link type 1.
od -A d -t x1 -N 40 /srv/capture/uplink.pcap

cat > /root/packets.py <<'PY'
"""Reads a capture: frames from records, IP payloads from frames, names from DNS."""
import struct
from collections import defaultdict, namedtuple
from ipaddress import ip_address

Packet = namedtuple("Packet", "time source_mac target_mac source target protocol size data")
# ``size`` is the length of the payload by its headers, ``data`` what the sensor kept of it.


def records(path):
    """Yield (time in nanoseconds, captured bytes), by time."""
    raw = open(path, "rb").read()
    order, unit = {
        b"\xa1\xb2\xc3\xd4": (">", 1000), b"\xd4\xc3\xb2\xa1": ("<", 1000),
        b"\xa1\xb2\x3c\x4d": (">", 1), b"\x4d\x3c\xb2\xa1": ("<", 1),
    }[raw[:4]]
    place, found = 24, []
    while place < len(raw):
        seconds, part, kept, _ = struct.unpack_from(order + "IIII", raw, place)
        found.append((seconds * 10**9 + part * unit, raw[place + 16 : place + 16 + kept]))
        place += 16 + kept
    return sorted(found, key=lambda record: record[0])


def ip_parts(frame):
    """Return (source, target, protocol, id, offset, more, size, data) of an IP packet, or None for other frames."""
    place = 12
    while frame[place : place + 2] in (b"\x81\x00", b"\x88\xa8"):
        place += 4
    kind, ip = frame[place : place + 2], frame[place + 2 :]
    if kind == b"\x08\x00":
        head = (ip[0] & 15) * 4
        total, ident, flags = struct.unpack_from(">HHH", ip, 2)
        source, target = ip_address(ip[12:16]), ip_address(ip[16:20])
        # Cut at the total length: what follows is Ethernet's padding.
        return source, target, ip[9], ident, (flags & 0x1FFF) * 8, bool(flags & 0x2000), total - head, ip[head:total]
    if kind != b"\x86\xdd":
        return None
    (length,) = struct.unpack_from(">H", ip, 4)
    source, target = ip_address(ip[8:24]), ip_address(ip[24:40])
    protocol, head, ident, offset, more = ip[6], 40, None, 0, False
    while protocol in (0, 43, 44, 60):
        if protocol == 44:
            field, ident = struct.unpack_from(">HI", ip, head + 2)
            offset, more = field & 0xFFF8, bool(field & 1)
        protocol, head = ip[head], head + (8 if protocol == 44 else 8 + 8 * ip[head + 1])
    return source, target, protocol, ident, offset, more, 40 + length - head, ip[head : 40 + length]


def packets(path):
    """Return the packets of a capture, fragments put together, by the time at which they were complete."""
    found, waiting = [], defaultdict(dict)
    for time, frame in records(path):
        parts = ip_parts(frame)
        if parts is None:
            continue
        macs = [frame[start : start + 6].hex(":") for start in (6, 0)]
        source, target, protocol, ident, offset, more, size, data = parts
        if offset or more:
            pieces = waiting[source, target, protocol, ident]
            pieces[offset] = (size, more, data)
            end, data = 0, b""
            while end in pieces:
                size, more, piece = pieces[end]
                data = data.ljust(end, b"\0") + piece
                end += size
                if not more:
                    break
            else:
                continue  # a piece is missing so far
            size = end
            del waiting[source, target, protocol, ident]
        found.append(Packet(time, *macs, source, target, protocol, size, data))
    return found


def dns_name(data, place):
    """Return the name at a place, in lower case, and the place behind it."""
    labels, behind = [], None
    while data[place]:
        if data[place] >= 0xC0:
            behind = behind or place + 2
            place = struct.unpack_from(">H", data, place)[0] & 0x3FFF
            continue
        labels.append(data[place + 1 : place + 1 + data[place]].decode().lower())
        place += 1 + data[place]
    return ".".join(labels), behind or place + 1


def dns_answers(data):
    """Return the name that was asked for and the addresses in the answer section."""
    _, _, _, count, _, _ = struct.unpack_from(">6H", data)
    asked, place = dns_name(data, 12)
    place, addresses = place + 4, []
    for _ in range(count):
        _, place = dns_name(data, place)
        kind, _, _, length = struct.unpack_from(">HHIH", data, place)
        if kind in (1, 28):
            addresses.append(ip_address(data[place + 10 : place + 10 + length]))
        place += 10 + length
    return asked, addresses
PY

cat > /root/find_beacon.py <<'PY'
import json
import struct
from collections import Counter, defaultdict
from ipaddress import ip_network
from statistics import median

from packets import dns_answers, packets

INSIDE = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def inside(address):
    return any(address in network for network in INSIDE)


latest_name = {}  # (MAC address, called address) → name
calls = {}  # (addresses, ports, first sequence number) → what is known of the call
current = {}  # (addresses, ports) → the call that segments belong to

for packet in packets("/srv/capture/uplink.pcap"):
    if packet.protocol == 17:
        if struct.unpack_from(">H", packet.data)[0] == 53:
            asked, addresses = dns_answers(packet.data[8:])
            for address in addresses:
                latest_name[packet.target_mac, address] = asked
    elif packet.protocol == 6 and inside(packet.source) and not inside(packet.target):
        ports, number = packet.data[:4], struct.unpack_from(">I", packet.data, 4)[0]
        offset, flags = packet.data[12] >> 4, packet.data[13]
        key = packet.source, packet.target, ports
        if flags & 0x12 == 0x02:
            if (*key, number) not in calls:
                name = latest_name.get((packet.source_mac, packet.target))
                calls[*key, number] = {
                    "time": packet.time, "host": packet.source_mac, "name": name, "first": number + 1, "ranges": [],
                    "source": packet.source, "target": packet.target, "port": struct.unpack(">HH", ports)[1],
                }
            current[key] = calls[*key, number]
        elif key in current and (length := packet.size - offset * 4):
            start = (number - current[key]["first"]) % 2**32
            current[key]["ranges"].append((start, start + length))

groups, callers = defaultdict(list), defaultdict(set)
for call in sorted(calls.values(), key=lambda call: call["time"]):
    if call["name"]:
        domain = ".".join(call["name"].split(".")[-2:])
        groups[call["host"], domain, call["port"]].append(call)
        callers[domain].add(call["host"])

beacons = []
for (host, domain, port), found in groups.items():
    intervals = [later["time"] - sooner["time"] for sooner, later in zip(found, found[1:])]
    period = median(intervals or [0])
    jitter = median([abs(interval - period) for interval in intervals or [0]])
    print(host, domain, port, len(found), period / 1e9, jitter / 1e9, len(callers[domain]))
    if len(found) >= 20 and jitter <= period / 10 and len(callers[domain]) == 1:
        beacons.append((host, domain, port, found, period, jitter))
assert len(beacons) == 1
host, domain, port, found, period, jitter = beacons[0]


def covered(ranges):
    """Return how many positions lie in one range or more."""
    total = end = 0
    for start, stop in sorted(ranges):
        total += max(0, stop - max(start, end))
        end = max(end, stop)
    return total


print(Counter(call["name"] for call in found))
report = {
    "host": host,
    "host_addresses": sorted({str(call["source"]) for call in found}),
    "server_addresses": sorted({str(call["target"]) for call in found}),
    "domain": domain,
    "names": sorted({call["name"] for call in found}),
    "port": port,
    "calls": len(found),
    "period_sec": period / 10**9,
    "jitter_sec": jitter / 10**9,
    "bytes_sent": sum(covered(call["ranges"]) for call in found),
}
json.dump(report, open("/root/beacon.json", "w"), indent=2)
PY

python3 /root/find_beacon.py
cat /root/beacon.json
