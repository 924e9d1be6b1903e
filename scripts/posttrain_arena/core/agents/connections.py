"""The connections that an agent asked for, from the rows of its proxy."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from posttrain_arena.model.agent_providers import Provider
from posttrain_arena.model.agent_run import Connection, Tokens


def connections(rows: Iterable[Mapping[str, Any]]) -> tuple[Connection, ...]:
    """Return one connection per row, in order."""
    return tuple(_connection(row) for row in rows)


def settled(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows without those that only say what was reserved for a call which came to its end."""
    ended = {row["call"] for row in rows if "call" in row and "open" not in row}
    return [row for row in rows if "open" not in row or row["call"] not in ended]


def tokens_of(rows: Iterable[Mapping[str, Any]], providers: Sequence[Provider]) -> tuple[Tokens, ...]:
    """Return what the rows of the side-car say of each provider."""
    calls = [row for row in rows if "provider" in row]
    return tuple(_tokens(one, [row for row in calls if row["provider"] == one.name]) for one in providers)


def cost_of(tokens: Sequence[Tokens]) -> float | None:
    """Return the cost of all providers; None where there was none, or one has no price."""
    costs = [one.cost_usd for one in tokens if one.calls]
    return sum(cost for cost in costs if cost is not None) if costs and None not in costs else None


def _tokens(provider: Provider, calls: Sequence[Mapping[str, Any]]) -> Tokens:
    used = [sum(int(row.get(f"{kind}_tokens", 0)) for row in calls) for kind in ("input", "output")]
    prices = (provider.usd_per_million_input, provider.usd_per_million_output)
    cost = None
    if prices[0] is not None and prices[1] is not None:
        cost = round((used[0] * prices[0] + used[1] * prices[1]) / 1e6, 6)
    return Tokens(provider=provider.name, calls=len(calls), input_tokens=used[0], output_tokens=used[1], cost_usd=cost)


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
