"""What is fed to the library, and in which pieces; what must come of it is worked out in test_outputs.py."""

import random

STREAMS = {
    "line ends": [
        b"data: a\r\n\r\ndata: b\n\ndata: c\r\rdata: d\r\n\n",
        b"data: 1\r\ndata: 2\r\n\r\nevent: e\r\ndata: 3\r\n\r\n",
        b"data: 1\r\ndata: 2\n\rdata: 3\r\r\ndata: 4\n\r\n",
        b"\r\n\r\ndata: x\r\n\r\n\r\n\r\ndata: y\r",
        b"id: 1\r\n\r\n\r\nid: 2\r\nretry: 5\r",
        b"\r\r\n\ndata\r\n:\r\n\r\n",
    ],
    "other signs": [
        "data: a\u2028b\u2029c\x85d\ndata: \x0b\x0c\n\n".encode(),
        "data: \x1c\x1d\x1e|\r\nevent: \x0c\r\nid: \u2028\r\n\r\n".encode(),
        "event: tail\x0c\ndata: open\u2028".encode(),
        "data: \u2028\n\n\u2028\ndata: z\n\n\x85data: y\n\n".encode(),
        b"data: 1\x0c\n\ndata: 2\x0b\r\n\r\n",
    ],
    "characters": [
        "data: zażółć gęślą jaźń\n\ndata: 漢字仮名\n\n".encode(),
        "event: 🚲🛠\ndata: €uro\nid: ñ\n\n".encode(),
        b"data: \xff\xfe\xc3\n\ndata: \xe2\x82\n\ndata: \xf0\x9f\x9a\n\n",
        b"data: \xc3\r\n\r\ndata: \xed\xa0\x80\xc0\xaf\n\n",
        b"data: open \xe2\x82",
        b"data: open\n\xf0\x9f",
        b"\xf0\x9f\x9a\xb2: 1\ndata: a\n\n\xe2",
    ],
    "byte order marks": [
        "\ufeffdata: a\n\n".encode(),
        "\ufeff\ufeffdata: a\n\ndata: b\n\n".encode(),
        "data: a\ufeff\n\n\ufeffdata: b\n\ndata: c\n\n".encode(),
        "\ufeff\r\n\r\ndata: \ufeffa\r\n\r\n".encode(),
        b"\xef\xbbdata: a\n\ndata: b\n\n",
        b"\xef\xbb\xbf",
    ],
    "as before": [
        b"event: ping\n\nretry: 1000\n\nid: 9\n\ndata: a\n\n",
        b": comment\n\ndata\ndata:\ndata: \ndata:  two blanks\n\nunknown: 1\n\n",
        b"event: x\nevent: y\ndata: 1\n\nid: 5\ndata: 2\n\nid\ndata: 3\n\n",
        b"retry: 1e3\nretry: -1\nretry: \xd9\xa3\n\nretry: 007\ndata: a\n\n",
        b"data: no end",
        b"event: open\nid: 4\n",
        b"data: a:b: c\n DATA: x\nData: y\n\n",
    ],
    "ids": [
        b"id: 1\ndata: a\n\nid: 2\x003\ndata: b\n\nid: \x00\n\ndata: c\n\n",
        b"id: \x00\n\nid: 7\nid: 8\x00\n\n",
        b"id: 6\ndata: \x00\nevent: \x00\n\nid\x00: 5\ndata: e\n\n",
    ],
}
"""Rule → streams as bytes."""

EVENTS = [
    ([], {}),
    (["a"], {}),
    ([""], {}),
    (["\n"], {}),
    (["a\n"], {}),
    (["a\r\nb\rc\nd"], {}),
    (["\n\na\n\n"], {}),
    (["a\r\n\r\n"], {}),
    (["a\x0bb\x0cc\u2028d\u2029e\x85f\x1cg\x1dh\x1ei"], {}),
    (["\u2028"], {"event": "\x0c", "id": "\x85"}),
    ([" blanks "], {"event": "add", "id": "7", "retry": 1000}),
    (["a", "add", "7", 1000], {}),
    ([None, "ping"], {}),
    (["a"], {"id": 7, "event": 12}),
    (["a"], {"id": 1.5, "retry": 2.0}),
    (["a"], {"event": "", "id": ""}),
    (["a"], {"event": "x\0y"}),
    (["a\0b"], {}),
    (["a"], {"event": "x\ny"}),
    (["a"], {"event": "x\r"}),
    (["a"], {"event": "\r\n"}),
    ([], {"event": "x\ndata: smuggled"}),
    (["a"], {"id": "1\n"}),
    (["a"], {"id": "1\r2"}),
    (["a"], {"id": "\n\n"}),
    (["a"], {"id": "1\x002"}),
    (["a"], {"id": "\0"}),
    ([], {"id": "\r"}),
]
COMMENTS = [[], [""], ["beat"], ["a\nb"], ["a\r\nb\rc"], ["a\n"], ["a\u2028b\x0cc\x85"], ["\n"], ["a\n\n b "], ["\x0b"]]
LINES = [
    ["data: a", "", "id: 1\x00", "data: b\u2028", "", ""],
    ["id: 3", "", "id: \x00", "", "event: e", "retry: 5", ""],
    ["data: \ufeff", "\ufeffdata: x", "", "data: a\x0c", ""],
]


def cuts(stream):
    """Return a stream in many ways of cutting it into pieces; empty ones among them."""
    rng = random.Random(stream)
    size = len(stream)
    yield [stream]
    yield [stream[i : i + 1] for i in range(size)]
    yield [part for i in range(size) for part in (stream[i : i + 1], stream[:0])]
    yield [stream[:0], stream]
    for place in range(1, size):
        yield [stream[:place], stream[place:]]
    for _ in range(4):
        places = sorted(rng.choices(range(size + 1), k=5))
        yield [stream[a:b] for a, b in zip([0, *places], [*places, size])]


def pieces_of(stream):
    """Return the cuts of a stream of bytes, then those of its text where it is one."""
    found = list(cuts(stream))
    try:
        return found + list(cuts(stream.decode()))[:24]
    except UnicodeDecodeError:
        return found


RUNS = [
    (rule, last_id, pieces)
    for rule, streams in STREAMS.items()
    for number, stream in enumerate(streams)
    for last_id in [("", "40")[number % 2]]
    for pieces in pieces_of(stream)
]
"""(rule, last id at the start, pieces) of all streams."""

SEVERAL = [
    [b"id: 1\ndata: a\r", None, b"\ndata: b\n\n", None],
    [b"data: \xe2\x82", None, b"\xacdata: b\n\n", b"data: c\n\n", None],
    [b"\xef\xbb\xbfdata: a\n\n", None, b"\xef", b"\xbb\xbfdata: b\n\n", None, b"", b"\xef\xbb\xbfdata: c\n\n", None],
    [b"id: 2\nevent: open\ndata: x", None, None, b"data: y\n\n", None],
    [None, b"data: a\n\n", None],
    ["\ufeffdata: a\n\n", "data: \ud83d", " \ude80\r", "\n\r", "\n", None, "\ufeffdata: \udcff\n\n", None],
    [b"data: a\r", "\ndata: b\r", b"\n\r\n", "data: c\n\n", None],
    ["data: a\r", b"", "\r", "", b"\ndata: b\n\n", None],
]
"""Several streams after another in one parser; None is close()."""
