"""Opening hours of one day."""

from spans.reading import SpanError, parse
from spans.showing import show, total
from spans.working import free, longest, merge

__all__ = ["SpanError", "free", "longest", "merge", "parse", "show", "total"]
