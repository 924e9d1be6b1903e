"""Task families: many distinct packages from one template, its rules and a generator of data."""

from posttrain_arena.core.families.definition import read_family
from posttrain_arena.core.families.draw import Draw, Split
from posttrain_arena.core.families.write import render_family

__all__ = ["Draw", "Split", "read_family", "render_family"]
