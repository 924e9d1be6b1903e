"""In which order to do things that need each other."""

from chains.reading import ChainError, parse
from chains.showing import duration, wrap
from chains.working import done_by, finish, order

__all__ = ["ChainError", "done_by", "duration", "finish", "order", "parse", "wrap"]
