"""Put text that is not ours into GitHub's Markdown, where it is shown and does nothing.

Inside code GitHub makes no links, mentions, images or HTML of anything: a name, an address, a commit, a hidden marker.
So whatever a contributor wrote goes into code, and code is closed by nothing but as many backticks as opened it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from posttrain_arena.model.shown import shown

MAX_SPAN = 200
"""Characters of a span; names that matter are shorter."""


def span(text: object, limit: int = MAX_SPAN) -> str:
    """Return text as code within a line; outside of tables (see ``cell``)."""
    line = shown(text, limit)
    fence = "`" * (1 + _longest_run(line))
    pad = " " if not line or line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(text: object, limit: int = MAX_SPAN) -> str:
    """Return text as code within a cell of a table: a bar is written out, since even in code it would end the cell."""
    return span(shown(text, limit).replace("|", "\\x7c"), 4 * limit)


def block(lines: Iterable[str], limit: int = 1000) -> str:
    """Return lines as a block of code."""
    safe = [shown(line, limit) for line in lines]
    fence = "`" * max(3, 1 + _longest_run("\n".join(safe)))
    return "\n".join([f"{fence}text", *safe, fence])


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
