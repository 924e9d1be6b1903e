"""The pull parser: it asks for the next piece of the stream only when it needs one."""

from pulseline.parser import EventParser


def _lines(chunks):
    """Yield the lines of a stream without their ends, each as soon as it is complete; the last one may lack an end."""
    rest, start = "", True
    for chunk in chunks:
        text = chunk.decode("utf-8", "replace") if isinstance(chunk, bytes) else chunk
        if start and text.startswith("\ufeff"):
            text = text[1:]
        start = False
        text, rest = rest + text, ""
        for line in text.splitlines(keepends=True):
            if line[-1] in "\r\n":
                yield line.rstrip("\r\n")
            else:
                rest = line
    if rest:
        yield rest


def iter_events(chunks, last_id=""):
    """Yield the events of a stream that comes in pieces of bytes or text; one that is left open comes last."""
    parser = EventParser(last_id)
    for line in _lines(chunks):
        event = parser.take_line(line)
        if event is not None:
            yield event
    yield from parser.close()
