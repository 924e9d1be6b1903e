"""What a stream is made of."""

from collections import namedtuple

Event = namedtuple("Event", "event data id retry")
Event.__doc__ = "One event: its type, its data, the last id seen so far, and the retry time in milliseconds or None."
