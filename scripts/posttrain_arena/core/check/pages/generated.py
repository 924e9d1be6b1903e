"""Which pages are made, and which of them are stale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from posttrain_arena.core.check.pages.rules_page import rules_page
from posttrain_arena.core.check.pages.schemas_page import schemas_page

PAGES = {"docs/rules.md": rules_page, "schemas/README.md": schemas_page}


def made_pages() -> dict[str, bytes]:
    """Return every page by its path in the repository."""
    return {path: make().rstrip("\n").encode("utf-8") + b"\n" for path, make in PAGES.items()}


def stale_pages(root: Path) -> Iterator[str]:
    """Yield the pages below ``root`` that are missing or not as they would be made now."""
    for path, data in made_pages().items():
        file = root / path
        if not file.is_file() or file.read_bytes() != data:
            yield path
