"""The connections that an agent asked for, from the rows of its proxy."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from posttrain_arena.model.agent_run import Connection


def connections(rows: Iterable[Mapping[str, Any]]) -> tuple[Connection, ...]:
    """Return one connection per row, in order."""
    return tuple(_connection(row) for row in rows)


def utc(seconds: float) -> str:
    """Return a time of the epoch as a document has it."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _connection(row: Mapping[str, Any]) -> Connection:
    return Connection(
        time=utc(float(row["time"])),
        host=str(row["host"]),
        port=int(row["port"]),
        allowed=bool(row["allowed"]),
        why=str(row.get("why", "")),
        sent_bytes=int(row.get("sent", 0)),
        received_bytes=int(row.get("received", 0)),
    )
