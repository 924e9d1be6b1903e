"""Read the files of benchmarks as their publishers wrote them: JSON Lines, also packed with gzip."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from posttrain_arena.errors import UsageError


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows; raises UsageError where the file cannot be read, with the line that is no JSON object.

    Only line ends of files part rows: a string may hold what ends a line for ``str.splitlines``, as U+2028.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            return [_row(line, f"{path}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}: get the file again") from error


def _row(line: str, where: str) -> dict[str, Any]:
    remedy = "get the file as it is published, a JSON object on each line"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: no JSON: {error}: {remedy}") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where}: no JSON object: {remedy}")
    return row
