"""A cache that forgets."""

from larder.reading import LarderError, settings
from larder.showing import rate, table
from larder.working import replay

__all__ = ["LarderError", "rate", "replay", "settings", "table"]
