"""Exact arithmetic for price lists."""

from sums.reading import SumError
from sums.showing import show
from sums.working import evaluate

__all__ = ["SumError", "evaluate", "show"]
