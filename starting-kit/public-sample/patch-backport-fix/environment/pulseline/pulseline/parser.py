"""The push parser: it is fed what arrives, and gives the events that are complete."""

from pulseline.event import Event


class EventParser:
    """Parses one stream after another; ids are remembered from stream to stream, for reconnecting."""

    def __init__(self, last_id=""):
        self.last_id = last_id
        self._rest = ""
        self._start = True
        self._clear()

    def _clear(self):
        self._event, self._data, self._retry, self._seen = "", [], None, False

    def feed(self, chunk):
        """Take the next piece of the stream, as bytes in UTF-8 or as text, and return the events that it completes."""
        text = chunk.decode("utf-8", "replace") if isinstance(chunk, bytes) else chunk
        if self._start:
            text = text[1:] if text.startswith("\ufeff") else text
            self._start = False
        lines = (self._rest + text).splitlines(keepends=True)
        self._rest = lines.pop() if lines and lines[-1][-1] not in "\r\n" else ""
        found = [self.take_line(line.rstrip("\r\n")) for line in lines]
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
        elif field == "id":
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
        found = self.feed("\n\n")
        self._start = True
        return found
