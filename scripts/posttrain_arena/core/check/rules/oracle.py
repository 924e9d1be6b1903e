"""Rules about the reference solution."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posttrain_arena.core.check.draft import ORACLE, Draft
from posttrain_arena.core.check.rules.rule import Rule, judged
from posttrain_arena.core.check.shell_script import commands
from posttrain_arena.core.check.spot import Spot
from posttrain_arena.model.competition import Competition

_NO_WORK = re.compile(r"set( [-+].*)?|exit( \d+)?|true|false|:|(echo|printf)\b[^>|]*")


def oracle_does_nothing(draft: Draft, competition: Competition) -> Iterator[Spot]:
    """oracle/solve.sh does the work that the task asks for.

    Why: it proves that the task can be solved, and demonstrations are made from it. How: write the commands of a
    solution; comments, `echo` and `exit` alone are none. Example: `python3 /oracle/solve.py`.
    """
    if draft.listing.is_file(ORACLE) and not any(
        not _NO_WORK.fullmatch(line) for _, line in commands(draft.text(ORACLE))
    ):
        yield Spot(path=ORACLE, what="the oracle does nothing", how="write the commands that solve the task")


RULES: tuple[Rule, ...] = (judged("oracle-does-nothing", "error", oracle_does_nothing, deep=True),)
