"""Write the pages that are made from the rules and the schemas: docs/rules.md and schemas/README.md.

    arena docs
    arena docs --check

Exit code 0 when the pages are written, or with --check when they are as they should be; 1 when one is stale.
"""

from __future__ import annotations

import argparse

from posttrain_arena.core.check.pages.generated import made_pages, stale_pages
from posttrain_arena.model import documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--check", action="store_true", help="write nothing; say which page is stale")


def run(arguments: argparse.Namespace) -> int:
    """Write the pages, or check them; return the exit code."""
    stale = list(stale_pages(documents.REPOSITORY_ROOT))
    if arguments.check:
        for path in stale:
            print(f"{path} is stale: run `arena docs` and commit the page")
        return 1 if stale else 0
    for path, data in made_pages().items():
        if path in stale:
            documents.write_bytes(documents.REPOSITORY_ROOT / path, data)
        print(f"{'wrote' if path in stale else 'unchanged'} {path}")
    return 0
