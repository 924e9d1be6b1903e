"""Server-sent events (text/event-stream), read and written."""

from pulseline.event import Event
from pulseline.parser import EventParser
from pulseline.stream import iter_events
from pulseline.writer import format_comment, format_event

__all__ = ["Event", "EventParser", "format_comment", "format_event", "iter_events"]
__version__ = "1.6.2"
