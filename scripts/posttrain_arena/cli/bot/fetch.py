"""Fetch the files of one entry at the commit that was authorised: plain files, as data.

Where it has anything else the reason is handed on, for the pull request, and the exit code is 1.

arena bot fetch --head 6663f55e1c0a… --entry submissions/team-north --out entry
"""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.adapters.github.entries import fetch_entry
from posttrain_arena.cli.bot.context import bot_context, hand_on
from posttrain_arena.errors import EntryError
from posttrain_arena.model.shown import shown

_LONG = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is fetched."""
    parser.add_argument("--head", required=True, metavar="SHA", help="the commit")
    parser.add_argument("--entry", required=True, metavar="PATH", help="the entry's folder, submissions/<name>")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder that gets submissions/<name>")


def run(arguments: argparse.Namespace) -> int:
    """Fetch; what cannot be taken is its author's fault."""
    context = bot_context(arguments)
    try:
        fetch_entry(context.repository, arguments.head, arguments.entry, arguments.out / arguments.entry)
    except EntryError as error:
        hand_on(refused=shown(error, _LONG))
        print(f"refused: {shown(error, _LONG)}")
        return 1
    print(f"fetched {arguments.entry} of {arguments.head}")
    return 0
