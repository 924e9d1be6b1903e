"""Write the capture of this task.

    python3 generate.py

The same seed gives the same bytes. The agent never sees this file or wire.py: the Dockerfile copies environment/capture
alone, and what is said here about each host would give the task away.
"""

import struct
import sys
from ipaddress import ip_address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # python3 -I leaves it out
from wire import ACK, FIN, GATEWAY, PSH, SYN, TCP, UDP, Host, Wire, checksum, tcp, udp  # noqa: E402

CAPTURE = Path(__file__).resolve().parent / "environment" / "capture" / "uplink.pcap"
EPOCH = 1747224000
SECONDS = 7200
SNAP_LENGTH = 640

INFECTED = Host("3c:52:82:4e:91:1f", "10.20.3.17", "fd00:20::3:117", (30,), "10.20.3.44", (200, 35))
READER = Host("3c:52:82:4e:90:a4", "10.20.3.21", "fd00:20::3:121", (30,))
ANALYST = Host("a4:bb:6d:10:77:02", "10.20.4.8", "fd00:20::4:8")
SERVER = Host("a4:bb:6d:10:77:41", "10.20.5.30", "fd00:20::5:30", (200, 50))
CLERK = Host("f8:b4:6a:22:0c:9d", "10.20.3.60", "fd00:20::3:160", (30,), "10.20.3.17")
PRINTER = Host("f8:b4:6a:22:0c:11", "10.20.6.6", "fd00:20::6:6")

SHARED = "203.0.113.80"
"""An address of a content network: the beacon, a newspaper and a shop live on it."""
NAMES = {
    "a7.tile-cache.example": ["198.51.100.23"],
    "eu.tile-cache.example": [SHARED],
    "fonts.tile-cache.example": ["203.0.113.141", "2001:db8:51::17"],
    "m.tile-cache.example": ["2001:db8:51::9"],
    "tile-cache.example": ["192.0.2.77"],
}


def upload(call, when, length, size, extra=()):
    """Open, send a file in segments of a size, then each of ``extra``: (place, length, settings) sent again; close."""
    call.open(when)
    for step, place in enumerate(range(0, length, size)):
        call.segment(when + 0.05 + step * 0.004, PSH | ACK, place, min(size, length - place))
    for step, (place, count, how) in enumerate(extra):
        call.segment(when + 1.5 + step * 0.02, PSH | ACK, place, count, **how)
    call.segment(when + 2.4, FIN | ACK, max([length, *(place + count for place, count, _ in extra)]))


def special_calls():
    """Return number of the call → what happens in it instead of a few bytes."""
    return {
        # Repeated to the letter, in other pieces, and one byte before the end as a keep-alive.
        9: lambda c, t: upload(
            c, t, 16000, 1400, [(1400, 1400, {}), (2100, 1400, {}), (9800, 2800, {}), (15999, 1, {})]
        ),
        # The sequence numbers wrap.
        18: lambda c, t: upload(c, t, 9000, 1400, [(2800, 1400, {}), (3500, 1400, {})]),
        # In fragments: in order, out of order, and sent once more in one piece.
        26: lambda c, t: upload(
            c,
            t,
            2800,
            1400,
            [(2800, 1400, {"mtu": 576}), (4200, 1400, {"mtu": 576, "order": (2, 0, 1)}), (4200, 1400, {})],
        ),
        # A fragment is lost; the first time the segment is sent again, the other times nobody does.
        33: lambda c, t: upload(c, t, 1400, 1400, [(1400, 1300, {"mtu": 1280, "lose": (1,)}), (1400, 1300, {})]),
        37: lambda c, t: upload(c, t, 1400, 1400, [(1400, 1300, {"mtu": 1280, "lose": (1,)})]),
        # IPv6: fragments, the last one first, and an extension header.
        44: lambda c, t: upload(
            c,
            t,
            5000,
            1000,
            [
                (5000, 1400, {"mtu": 1280, "order": (1, 0)}),
                (1000, 1400, {"header": b"any"}),
                (6400, 900, {"header": b"any"}),
            ],
        ),
        # IP options before the segment, a gap that was never captured, and the first fragment lost.
        51: lambda c, t: upload(
            c,
            t,
            1400,
            1400,
            [(1400, 700, {"header": b"\x94\x04\0\0"}), (5600, 500, {}), (6100, 1300, {"mtu": 576, "lose": (0,)})],
        ),
    }


def add_beacon(wire):
    """Add the calls of the infected host: every 83 seconds or so, to a domain with many names and addresses."""
    rng, specials = wire.random, special_calls()
    when, number, name, target = 41.318_204_517, 0, None, None
    plan = sorted(NAMES)
    while when < SECONDS - 10:
        if number % 5 == 0 or number in (13, 31):
            name = plan[(number // 5 + number % 5) % len(plan)]
            addresses = NAMES[name]
            target = addresses[number // 25 % len(addresses)]
            how = {}
            if number == 30:  # the address lies in the last fragment
                how = {"padding": 7, "mtu": 576, "order": (2, 0, 1)}
            alias = "edge-4.fastly-tiles.test" if number % 15 == 5 else None
            wire.lookup(when - 0.31, INFECTED, name, [target], alias=alias, **how)
        settings = {}
        if number == 18:
            settings["first"] = 2**32 - 4001
        if number in (6, 22, 47):
            settings["tries"] = (0, 1.02, 3.05)
        if number in (27, 28):  # the same ports twice, the numbers of the streams overlapping
            settings |= {"source_port": 61010, "first": 1_000_000 + (number - 27) * 60}
        call = wire.call(when, INFECTED, target, 443, **settings)
        if number in specials:
            specials[number](call, when)
        elif number not in (22, 47):
            call.whole(when, rng.randrange(90, 320), rng.randrange(60, 240))
        if number == 38:
            when += 1267.4  # asleep
        when += 83 + round(rng.uniform(-7, 7), 9)
        number += 1


def add_company(wire):
    """Add what the infected host does besides, and who shares its addresses."""
    rng = wire.random
    # The newspaper on the shared address, once asked for just before and once just after the beacon's own question.
    for minute in (6.2, 33.9, 40.1, 78.7, 113.3):
        when = minute * 60
        wire.lookup(when, INFECTED, "www.morning-post.example", [SHARED])
        for step in range(3):
            wire.call(when + 0.2 + step * 0.4, INFECTED, SHARED, 443).whole(
                when + 0.2 + step * 0.4, rng.randrange(200, 500)
            )
        # What the beacon calls next is its own again.
        wire.lookup(when + 4, INFECTED, "eu.tile-cache.example", [SHARED])
    # The same domain on another port, without any rhythm.
    for _ in range(11):
        when = rng.uniform(60, 7100)
        wire.call(when, INFECTED, "192.0.2.77", 80).whole(when, rng.randrange(80, 200))
    # The shop lives on the shared address too, but for another host.
    for minute in (5.1, 8.6, 14.2, 22, 31, 41.5, 52, 61, 70, 83, 99.2, 100.9, 110):
        when = minute * 60
        wire.lookup(when, READER, "img.shop-and-go.example", [SHARED])
        wire.call(when + 0.1, READER, SHARED, 443).whole(when + 0.1, rng.randrange(200, 400))
    # The server calls back from the beacon's port: the host answers, and calls nobody.
    for when in (1902.25, 3777.5, 6520.75):
        home, away = INFECTED.address(4, when), "198.51.100.23"
        for inward, flags, size in ((True, SYN, 0), (False, SYN | ACK, 0), (True, ACK, 0), (False, PSH | ACK, 80)):
            line = (away, home, (443, 8080)) if inward else (home, away, (8080, 443))
            body = tcp(*line, (int(when), 0 if flags == SYN else int(when) + 1), flags, rng.randbytes(size))
            wire.send(when, INFECTED, line[:2], TCP, body, inward=inward)
            when += 0.02
    # Somebody looks into it: asks for the names, and does not call.
    for step, (name, addresses) in enumerate(NAMES.items()):
        wire.lookup(5000 + step * 11, ANALYST, name, addresses[:1])


def add_regular(wire):
    """Add what looks like a beacon to who skips one rule."""
    rng = wire.random

    def every(host, target, port, period, jitter, count, name=None, first=30.0, size=0):
        when = first
        for step in range(count):
            if name and step % 12 == 0:
                wire.lookup(when - 0.2, host, name, [target])
            call = wire.call(when, host, target, port)
            if step % 3 == 0 or size:
                call.whole(when, size)
            when += period + rng.uniform(-jitter, jitter)

    # The vendor's telemetry: regular, and called by three hosts.
    for place, host in enumerate((READER, CLERK, ANALYST)):
        every(host, "198.51.100.90", 443, 240, 1.5, 29, "telemetry.deskvendor.example", 17 + place * 40)
    # Monitoring within the office, to the millisecond.
    every(SERVER, "10.20.6.6", 9100, 150, 0.001, 45, "printer.office.example", 12)
    # Mail: often enough, and far from regular.
    every(CLERK, "198.51.100.25", 993, 130, 60, 50, "imap.postbox.example", 50, 120)
    # A licence check: 19 calls.
    every(CLERK, "192.0.2.140", 443, 360, 2, 19, "licence.cadtool.example", 70)
    # Off-site backup to an address that nobody asked a name for.
    every(SERVER, "192.0.2.200", 873, 200, 0.5, 34, None, 8)


def add_noise(wire):
    """Add time, neighbours, pings, and names that do not resolve."""
    rng = wire.random
    for step in range(110):
        when = 3 + step * 64.0
        body = udp(PRINTER.v4, "203.0.113.123", (123, 123), b"\x23" + bytes(47))
        wire.send(when, PRINTER, (PRINTER.v4, "203.0.113.123"), UDP, body)
    for _ in range(90):
        host, when = rng.choice([READER, ANALYST, CLERK, PRINTER, INFECTED]), rng.uniform(0, 7199)
        match rng.randrange(4):
            case 0:
                hardware = bytes.fromhex(host.mac.replace(":", ""))
                ask = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + hardware + ip_address(host.v4).packed + bytes(6)
                wire.frame(when, ("ff:ff:ff:ff:ff:ff", host.mac), 0x0806, ask + bytes([10, 20, 0, 1]), host.tags(when))
            case 1:
                ping = struct.pack(">BBHHH", 8, 0, 0, 7, 1) + bytes(range(48))
                wire.send(
                    when, host, (host.v4, "203.0.113.9"), 1, ping[:2] + struct.pack(">H", checksum(ping)) + ping[4:]
                )
            case 2:
                wire.lookup(when, host, f"wpad-{rng.randrange(99)}.office.example", ["10.20.0.9"], answer=False)
            case _:
                # Spanning tree: a length where other frames have a type.
                wire.frame(when, ("01:80:c2:00:00:00", GATEWAY), 38, b"\x42\x42\x03" + bytes(35))


def records(wire):
    """Return the frames in the order of the file: by time, but every so often one queue of the sensor lags behind."""
    ordered = sorted(wire.frames, key=lambda frame: frame[0])
    lagging = [(when + (0.8 if place % 7 == 3 else 0), when, data) for place, (when, data) in enumerate(ordered)]
    return [(when, data) for _, when, data in sorted(lagging, key=lambda record: record[0])]


def main():
    wire = Wire()
    add_beacon(wire)
    add_company(wire)
    add_regular(wire)
    add_noise(wire)
    # A machine of the other byte order, with nanoseconds.
    parts = [struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP_LENGTH, 1)]
    for when, data in records(wire):
        kept, nanoseconds = data[:SNAP_LENGTH], round(when * 10**9)
        parts.append(
            struct.pack(">IIII", EPOCH + nanoseconds // 10**9, nanoseconds % 10**9, len(kept), len(data)) + kept
        )
    CAPTURE.parent.mkdir(parents=True, exist_ok=True)
    CAPTURE.write_bytes(b"".join(parts))


if __name__ == "__main__":
    main()
