"""The proxy stays up and its log stays whole, however many connections a container opens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from posttrain_arena.adapters.docker_engine import forward_proxy
from posttrain_arena.adapters.docker_engine.forward_proxy import Proxy

REQUEST = b"GET http://x.example/ HTTP/1.1\r\n\r\n"


async def _asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    said = await reader.read()
    writer.close()
    return said


async def _held(proxy: Proxy, number: int) -> bytes:
    """Hold ``number`` connections that say nothing, let go of them, and then ask."""
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    ends = [asyncio.create_task(reader.read()) for reader, _ in held[forward_proxy.MAX_OPEN :]]
    assert set(await asyncio.gather(*ends)) == {b""}  # closed, while the others wait
    for _, writer in held:
        writer.close()
    while proxy.open:
        await asyncio.sleep(0.01)
    said = await _asked(port)
    server.close()
    return said


def test_connections_over_the_limit_are_closed_at_once_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward_proxy, "MAX_OPEN", 8)
    rows: list[dict[str, Any]] = []
    proxy = Proxy([], log=rows.append)
    said = asyncio.run(asyncio.wait_for(_held(proxy, 80), 20))
    assert b"403 Forbidden" in said  # it answers again
    closed = [row["why"] for row in rows if "at once" in row["why"]]
    assert closed[-1] == "too many connections at once: 64 were closed so far"
    assert len(closed) == 7
    assert (proxy.closed, rows[-1]["host"]) == (72, "x.example")


@pytest.mark.parametrize(("name", "value"), [("MAX_ROWS", 3), ("MAX_LOG_BYTES", 1000)])
def test_requests_are_refused_where_the_log_has_no_more_room(
    name: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward_proxy, name, value)
    rows: list[dict[str, Any]] = []

    async def all_asked() -> list[bytes]:
        server = await asyncio.start_server(Proxy([], log=rows.append).serve, "127.0.0.1", 0)
        said = [await _asked(server.sockets[0].getsockname()[1]) for _ in range(8)]
        server.close()
        return said

    said = asyncio.run(asyncio.wait_for(all_asked(), 20))
    assert [row["host"] for row in rows] == ["x.example"] * 3 + [""]
    assert "not logged" in rows[-1]["why"]
    assert [b"too many requests" in one for one in said] == [False] * 3 + [True] * 5
