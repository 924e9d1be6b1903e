"""Build the frames of hosts that talk: Ethernet with VLAN tags, IPv4 and IPv6 with fragments, TCP, UDP and DNS."""

import random
import struct
from dataclasses import dataclass
from ipaddress import ip_address

SEED = 20250514
LEASES_END = 4700
GATEWAY = "00:1b:17:00:01:10"
RESOLVER_MAC = "00:1b:17:00:01:53"
RESOLVERS = {4: "10.20.0.53", 6: "fd00:20::53"}
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17


@dataclass
class Host:
    """A machine of the office; once the leases have run out it may have another IPv4 address and other VLAN tags."""

    mac: str
    v4: str
    v6: str
    vlans: tuple = ()
    later_v4: str = ""
    later_vlans: tuple = ()

    def address(self, version, when):
        """Return the address of a version at a time."""
        if version == 6:
            return self.v6
        return self.later_v4 if self.later_v4 and when > LEASES_END else self.v4

    def tags(self, when):
        """Return the VLAN tags of its frames at a time."""
        return self.later_vlans if self.later_vlans and when > LEASES_END else self.vlans


def checksum(data):
    """Return the checksum of the internet."""
    words = struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source, target, protocol, length):
    """Return what goes into the checksum before a segment."""
    addresses = ip_address(source).packed + ip_address(target).packed
    tail = (
        struct.pack(">BBH", 0, protocol, length)
        if len(addresses) == 8
        else struct.pack(">IHBB", length, 0, 0, protocol)
    )
    return addresses + tail


def tcp(source, target, ports, numbers, flags, data=b"", options=b""):
    """Return a segment."""
    offset = 5 + len(options) // 4

    def build(check):
        return struct.pack(">HHIIBBHHH", *ports, *numbers, offset << 4, flags, 64240, check, 0) + options + data

    return build(checksum(pseudo_header(source, target, TCP, len(build(0))) + build(0)))


def udp(source, target, ports, data):
    """Return a datagram."""
    head = struct.pack(">HHHH", *ports, 8 + len(data), 0)
    check = checksum(pseudo_header(source, target, UDP, len(head + data)) + head + data)
    return head[:6] + struct.pack(">H", check or 0xFFFF) + data


class Wire:
    """The frames that passed the sensor."""

    def __init__(self):
        self.random = random.Random(SEED)
        self.frames = []
        self.ident = 0x2A10
        self.port = 49160

    def frame(self, when, macs, kind, body, vlans=()):
        """Add one frame; short ones are padded as Ethernet does it."""
        target, source = (bytes.fromhex(mac.replace(":", "")) for mac in macs)
        tags = b"".join(
            struct.pack(">HH", 0x88A8 if len(vlans) == 2 and not place else 0x8100, 0x2000 | tag)
            for place, tag in enumerate(vlans)
        )
        data = target + source + tags + struct.pack(">H", kind) + body
        self.frames.append((when, data.ljust(60, b"\0")))

    def packets(self, addresses, protocol, body, mtu=None, header=b"", lose=()):
        """Return the IP packets of a body: one, or the fragments for an MTU without those at the places of ``lose``.

        ``header`` holds IPv4 options; with IPv6 it asks for an extension header.
        """
        source, target = (ip_address(address) for address in addresses)
        self.ident = self.ident + 1 & 0xFFFF
        head = 20 + len(header) if source.version == 4 else 48
        size = (mtu - head) // 8 * 8 if mtu else len(body)
        parts = [(place, body[place : place + size]) for place in range(0, len(body), size)]
        built = []
        for place, part in parts:
            more = place + size < len(body)
            if source.version == 4:
                flags = place // 8 | (0x2000 if more else 0) | (0 if mtu else 0x4000)
                start = struct.pack(">BBHHHBB", 0x40 | head // 4, 0, head + len(part), self.ident, flags, 64, protocol)
                rest = source.packed + target.packed + header
                built.append(start + struct.pack(">H", checksum(start + b"\0\0" + rest)) + rest + part)
            else:
                kind, extra = protocol, b""
                if mtu:
                    kind, extra = 44, struct.pack(">BBHI", protocol, 0, place | more, 0x51000000 | self.ident)
                elif header:
                    kind, extra = 60, struct.pack(">BB", protocol, 0) + b"\x01\x04\0\0\0\0"
                start = struct.pack(">IHBB", 0x60000000, len(extra + part), kind, 64)
                built.append(start + source.packed + target.packed + extra + part)
        return [packet for place, packet in enumerate(built) if place not in lose]

    def send(self, when, host, addresses, protocol, body, inward=False, peer=GATEWAY, order=None, **how):
        """Add the frames of one body between a host and its peer."""
        macs = (host.mac, peer) if inward else (peer, host.mac)
        packets = self.packets(addresses, protocol, body, **how)
        kind = 0x0800 if ip_address(addresses[0]).version == 4 else 0x86DD
        for step, packet in enumerate(packets if order is None else [packets[place] for place in order]):
            self.frame(when + step * 0.000_004, macs, kind, packet, host.tags(when))

    def lookup(self, when, host, name, addresses, alias=None, answer=True, wait=0.018, **how):
        """Add a question for a name, its case mixed at random, and the response."""
        version = 6 if any(":" in address for address in addresses) else 4
        mixed = "".join(self.random.choice([char.lower(), char.upper()]) for char in name)
        question = labels(mixed) + struct.pack(">HH", 28 if version == 6 else 1, 1)
        number, port = self.random.randrange(65536), self.random.randrange(20000, 60000)
        mine, resolver = host.address(version, when), RESOLVERS[version]
        asked = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question
        self.send(when, host, (mine, resolver), UDP, udp(mine, resolver, (port, 53), asked), peer=RESOLVER_MAC)
        if answer:
            data = response(number, question, addresses, alias, how.pop("padding", 0), self.random)
            body = udp(resolver, mine, (53, port), data)
            self.send(when + wait, host, (resolver, mine), UDP, body, inward=True, peer=RESOLVER_MAC, **how)

    def call(self, when, host, target, port, **how):
        """Return a new connection of a host, its first segment sent."""
        self.port += 1
        return Call(self, when, host, target, how.pop("source_port", self.port), port, **how)


def labels(name):
    """Return a name as DNS writes it."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def response(number, question, addresses, alias, padding, rng):
    """Return a response: an alias where there is one, padding as TXT records, the addresses."""
    answers, owner, count = [], b"\xc0\x0c", 0
    if alias:
        answers.append(owner + struct.pack(">HHIH", 5, 1, 60, len(labels(alias))) + labels(alias))
        owner = struct.pack(">H", 0xC000 | 12 + len(question) + 12)
    if padding:
        texts = [rng.randbytes(90).hex().encode() for _ in range(padding)]
        answers += [owner + struct.pack(">HHIH", 16, 1, 60, len(t) + 1) + bytes([len(t)]) + t for t in texts]
    for address in addresses:
        packed = ip_address(address).packed
        answers.append(owner + struct.pack(">HHIH", 28 if len(packed) == 16 else 1, 1, 60, len(packed)) + packed)
    # The name server's own address stands in the additional section, where it names no call.
    glue = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + ip_address("192.0.2.200").packed
    count = len(answers)
    return struct.pack(">HHHHHH", number, 0x8180, 1, count, 0, 1) + question + b"".join(answers) + glue


class Call:
    """A TCP connection, with the bytes that both sides send."""

    def __init__(self, wire, when, host, target, source_port, port, first=None, tries=(0,)):
        self.wire, self.host, self.target = wire, host, target
        self.mine = host.address(6 if ":" in target else 4, when)
        self.ports = (source_port, port)
        self.first = wire.random.randrange(2**32) if first is None else first
        self.other = wire.random.randrange(2**32)
        self.stream = wire.random.randbytes(40000)
        for wait in tries:
            self.segment(when + wait, SYN, -1, options=bytes.fromhex("020405b40402080a00000000000000000103030a"))

    def segment(self, when, flags, place=0, length=0, options=b"", **how):
        """Send bytes of the stream; ``place`` counts from the first one."""
        numbers = (self.first + 1 + place) % 2**32, 0 if flags == SYN else (self.other + 1) % 2**32
        data = self.stream[place : place + length] if length else b""
        body = tcp(self.mine, self.target, self.ports, numbers, flags, data, options)
        self.wire.send(when, self.host, (self.mine, self.target), TCP, body, **how)

    def reply(self, when, flags, place=0, length=0):
        """Let the other side send."""
        numbers = (self.other + 1 + place - (flags == SYN | ACK)) % 2**32, (self.first + 1) % 2**32
        data = self.wire.random.randbytes(length)
        body = tcp(self.target, self.mine, self.ports[::-1], numbers, flags, data)
        self.wire.send(when, self.host, (self.target, self.mine), TCP, body, inward=True)

    def open(self, when):
        """Finish the handshake."""
        self.reply(when + 0.021, SYN | ACK)
        self.segment(when + 0.0215, ACK)

    def whole(self, when, length, back=0):
        """Open, send a few bytes, hear a few, close."""
        self.open(when)
        if length:
            self.segment(when + 0.03, PSH | ACK, 0, length)
        if back:
            self.reply(when + 0.06, PSH | ACK, 0, back)
        self.segment(when + 0.09, FIN | ACK, length)
        self.reply(when + 0.11, FIN | ACK, back)
