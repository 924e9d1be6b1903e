#!/bin/bash
set -euo pipefail
cd /root/pulseline
cat /srv/upstream-2.4.1.patch
cat README.md CHANGELOG.md pulseline/*.py
python3 -m pytest -q -p no:cacheprovider tests

# Where does 1.6 have the faults? It cuts lines and decodes in two places, and writes in two.
grep -n 'splitlines\|decode(\|ufeff' pulseline/*.py

# Reading: one splitter for both readers. Unlike upstream's it takes text too, and has an end, since 1.6 gives what the
# end of a stream leaves open.
cat > pulseline/_lines.py <<'PY'
"""Cuts a stream into lines; used by both readers."""

import codecs
import re

LINE_END = re.compile("\r\n|\r|\n")


class LineSplitter:
    """Gives the lines that each piece completes, without their ends."""

    def __init__(self):
        self.begin()

    def begin(self):
        """Begin a stream."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._start = True
        self._after_cr = False

    def feed(self, chunk):
        """Take a piece, bytes or text, and return the lines that it completes. A CR ends its line at once."""
        return self._cut(self._decoder.decode(chunk) if isinstance(chunk, bytes) else chunk)

    def _cut(self, text):
        if not text:
            return []
        if self._start:
            text = text[1:] if text.startswith("\ufeff") else text
            self._start = False
        if self._after_cr and text.startswith("\n"):
            text = text[1:]
        self._after_cr = text.endswith("\r")
        lines = LINE_END.split(self._rest + text)
        self._rest = lines.pop()
        return lines

    def end(self):
        """End the stream, and return the line that was left open, if any; the next piece begins another stream."""
        lines = self._cut(self._decoder.decode(b"", True))
        lines += [self._rest] if self._rest else []
        self.begin()
        return lines
PY

cat > pulseline/parser.py <<'PY'
"""The push parser: it is fed what arrives, and gives the events that are complete."""

from pulseline._lines import LineSplitter
from pulseline.event import Event


class EventParser:
    """Parses one stream after another; ids are remembered from stream to stream, for reconnecting."""

    def __init__(self, last_id=""):
        self.last_id = last_id
        self._splitter = LineSplitter()
        self._clear()

    def _clear(self):
        self._event, self._data, self._retry, self._seen = "", [], None, False

    def feed(self, chunk):
        """Take the next piece of the stream, as bytes in UTF-8 or as text, and return the events that it completes."""
        return self._take_lines(self._splitter.feed(chunk))

    def _take_lines(self, lines):
        found = [self.take_line(line) for line in lines]
        return [event for event in found if event is not None]

    def take_line(self, line):
        """Take a line without its end, for callers who have lines; return the event that it completes, or None."""
        if not line:
            return self._finish()
        field, _, value = line.partition(":")
        if value.startswith(" "):
            value = value[1:]
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value
        elif field == "id" and "\0" not in value:
            self.last_id = value
        elif field == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)
        else:
            return None
        self._seen = True
        return None

    def _finish(self):
        if not self._seen:
            return None
        event = Event(self._event, "\n".join(self._data), self.last_id, self._retry)
        self._clear()
        return event

    def close(self):
        """End the stream and return the event that was left open, if any; the next feed() begins another stream."""
        return self._take_lines([*self._splitter.end(), ""])
PY

cat > pulseline/stream.py <<'PY'
"""The pull parser: it asks for the next piece of the stream only when it needs one."""

from pulseline._lines import LineSplitter
from pulseline.parser import EventParser


def _lines(chunks):
    """Yield the lines of a stream without their ends, each as soon as it is complete; the last one may lack an end."""
    splitter = LineSplitter()
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.end()


def iter_events(chunks, last_id=""):
    """Yield the events of a stream that comes in pieces of bytes or text; one that is left open comes last."""
    parser = EventParser(last_id)
    for line in _lines(chunks):
        event = parser.take_line(line)
        if event is not None:
            yield event
    yield from parser.close()
PY

# Writing: 1.6 takes numbers for type and id too, so a value is looked at as it will be written.
cat > pulseline/writer.py <<'PY'
"""Events and comments as text that is ready to be sent."""

from pulseline._lines import LINE_END


def _one_line(name, value, forbidden):
    """Return a field, or raise ValueError where its value would smuggle in another one."""
    text = "%s" % (value,)
    if any(sign in text for sign in forbidden):
        raise ValueError("%s holds a line end or U+0000: %r" % (name, text))
    return "%s: %s" % (name, text)


def format_event(data=None, event=None, id=None, retry=None):
    """Return an event as text; what is None is left out."""
    lines = []
    if event is not None:
        lines.append(_one_line("event", event, "\r\n"))
    if id is not None:
        lines.append(_one_line("id", id, "\r\n\0"))
    if retry is not None:
        lines.append("retry: %d" % retry)
    if data is not None:
        lines.extend("data: %s" % line for line in LINE_END.split(data))
    return "".join("%s\n" % line for line in lines) + "\n"


def format_comment(text=""):
    """Return a comment, which readers skip; without a text it is a heartbeat."""
    lines = LINE_END.split(text)
    return "".join((": %s" % line).rstrip(" ") + "\n" for line in lines)
PY

sed -i 's/"1\.6\.2"/"1.6.3"/' pulseline/__init__.py pyproject.toml
sed -i '1r /dev/stdin' CHANGELOG.md <<'MD'

## 1.6.3

### Fixed

- Lines end at CR LF, LF and CR alone, also where CR and LF arrive apart. (#412, #415)
- Characters and byte order marks that arrive in several pieces are decoded whole. (#419)
- An `id` that holds U+0000 is ignored. (#421)
- `format_event()` keeps every line of the data, and raises `ValueError` for a type or an id that would smuggle fields into
  the stream. (#420, security)
MD

cat > tests/test_backports.py <<'PY'
import pytest
from pulseline import Event, EventParser, format_event, iter_events


def test_pieces_do_not_matter():
    stream = "\ufeffdata: €\u2028\r\n\r\nid: 7\r\rdata: open".encode()
    expected = [Event("", "€\u2028", "", None), Event("", "", "7", None), Event("", "open", "7", None)]
    pieces = [part for byte in stream for part in (bytes([byte]), b"")]
    parser = EventParser()
    assert [event for piece in pieces for event in parser.feed(piece)] + parser.close() == expected
    assert list(iter_events(pieces)) == expected


def test_the_end_of_an_event_is_not_waited_for():
    assert len(EventParser().feed(b"data: a\r\r")) == 1


def test_fields_are_not_smuggled():
    for fields in ({"event": "a\rdata: b"}, {"id": "\0"}):
        with pytest.raises(ValueError):
            format_event("a", **fields)
    assert format_event("a\n", id=7) == "id: 7\ndata: a\ndata: \n\n"
PY
python3 -m pytest -q -p no:cacheprovider tests
