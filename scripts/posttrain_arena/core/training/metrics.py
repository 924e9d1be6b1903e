"""A run's curves: one JSON object per optimizer step, appended as it happens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from posttrain_arena.errors import DocumentError
from posttrain_arena.model import documents

StepRow: TypeAlias = Mapping[str, float | int]


class MetricsFile:
    """Rows with a ``step``; reopening for step N forgets what a killed run wrote beyond N."""

    def __init__(self, path: Path, *, done: int = 0) -> None:
        self.path = path
        rows = [row for row in read_metrics(path) if row["step"] <= done]
        documents.write_bytes(path, b"".join(json.dumps(row, sort_keys=True).encode() + b"\n" for row in rows))

    def append(self, row: StepRow) -> None:
        """Add one step."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dict(row), sort_keys=True, allow_nan=False) + "\n")


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Return the whole rows of a metrics file; a last line that a kill cut off is left out.

    Raises DocumentError with the line that is no JSON object.
    """
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [_row(line, where=f"{path}:{number}") for number, line in enumerate(lines[:-1], start=1) if line]


def _row(line: str, *, where: str) -> dict[str, Any]:
    row = documents.parse_text(line, where=where)
    if not isinstance(row, dict) or "step" not in row:
        raise DocumentError(f"{where}: no row of metrics: remove the stage's folder to run it from its beginning")
    return row
