"""The way out of a container whose task names its hosts: a network of its own, with a proxy as the only exit."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound

from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.adapters.docker_engine.images import SHARED_BASE
from posttrain_arena.core.agents.ends import Lost
from posttrain_arena.errors import EngineError
from posttrain_arena.model.trial import NetworkRequest

PROXY = Path(__file__).with_name("forward_proxy.py")
PROXY_IMAGE = SHARED_BASE  # has Python

PORT = 3128
ALIAS = "egress"
NO_RESOLVER = "127.0.0.1"
"""Names outside are the proxy's to look up. The engine's own resolver would carry data out in lookups."""

MAX_LOGGED = 1000
_START_SEC = 15
PROXY_MEMORY_MB = 256
_URL = f"http://{ALIAS}:{PORT}"
ENVIRONMENT = {name: _URL for proxy in ("http_proxy", "https_proxy") for name in (proxy, proxy.upper())} | {
    "no_proxy": "localhost,127.0.0.1",
    "NO_PROXY": "localhost,127.0.0.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """The network through which proxies reach the hosts; ``inside`` lets names through that are private addresses."""

    network: str = "bridge"
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """An internal network without a gateway, and the proxy that stands in it and in the uplink."""

    network: str
    proxy: str

    def requests(self, client: docker.APIClient) -> tuple[NetworkRequest, ...]:
        """Return what was asked for, in order, at most MAX_LOGGED; raises EngineError where the proxy was ended."""
        if lost_of(client, "proxy", self.proxy) is not None:
            raise EngineError("the proxy was ended from outside", reason="container-lost")
        return tuple(
            NetworkRequest(
                host=row["host"],
                port=row["port"],
                allowed=row["allowed"],
                why=row.get("why", ""),
                unreachable=row.get("unreachable", False),
            )
            for row in self.rows(client)[:MAX_LOGGED]
        )

    def rows(self, client: docker.APIClient) -> list[dict[str, Any]]:
        """Return every row of the proxy's log, also where the proxy was ended."""
        return rows_of(client, self.proxy)

    def close(self, client: docker.APIClient) -> None:
        """Remove the proxy and the network; what is gone already is fine."""
        with engine_faults("removing a network"):
            for remove, name in ((_remove_container, self.proxy), (_remove_network, self.network)):
                try:
                    remove(client, name)
                except APIError as error:
                    if error.status_code not in (404, 409):
                        raise


def _remove_container(client: docker.APIClient, name: str) -> None:
    client.remove_container(name, force=True, v=True)


def _remove_network(client: docker.APIClient, name: str) -> None:
    client.remove_network(name)


def open_egress(client: docker.APIClient, hosts: Sequence[str], uplink: Uplink, labels: Mapping[str, str]) -> Egress:
    """Make the network and start the proxy for ``hosts``; raises EngineError where either does not come up."""
    name = f"posttrain-arena-{secrets.token_hex(8)}"
    with engine_faults("making a network"):
        network: str = client.create_network(
            name,
            driver="bridge",
            internal=True,
            labels=dict(labels),
            # without an address of its own the bridge leads to no service of the host either
            options={"com.docker.network.bridge.inhibit_ipv4": "true"},
        )["Id"]
    egress = Egress(network=name, proxy="")
    try:
        egress = Egress(network=name, proxy=_start_proxy(client, hosts, uplink, network, labels))
        await_listening(client, egress.proxy)
    except BaseException:
        egress.close(client) if egress.proxy else client.remove_network(network)
        raise
    return egress


def _start_proxy(
    client: docker.APIClient, hosts: Sequence[str], uplink: Uplink, network: str, labels: Mapping[str, str]
) -> str:
    inside = ["--inside"] if uplink.inside else []
    host = client.create_host_config(
        network_mode=uplink.network,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=f"{PROXY_MEMORY_MB}m",
        memswap_limit=f"{PROXY_MEMORY_MB}m",
        pids_limit=64,
        log_config=docker.types.LogConfig(type="json-file", config={"max-size": "32m", "max-file": "1"}),
        init=True,
    )
    with engine_faults("starting the proxy"):
        try:
            proxy: str = client.create_container(
                PROXY_IMAGE,
                ["python3", "-I", "/forward_proxy.py", *inside, *hosts],
                entrypoint=[],
                user="65534:65534",
                labels=dict(labels),
                host_config=host,
            )["Id"]
        except ImageNotFound as error:
            raise EngineError(f"the image {PROXY_IMAGE} is missing: run `make setup`") from error
        client.put_archive(proxy, "/", _archive(PROXY))
        client.connect_container_to_network(proxy, network, aliases=[ALIAS])
        client.start(proxy)
    return proxy


def rows_of(client: docker.APIClient, container: str) -> list[dict[str, Any]]:
    """Return the rows that a proxy or a side-car wrote, also one that was ended in the middle of a row."""
    with engine_faults("reading the proxy's log"):
        lines = client.logs(container, stdout=True, stderr=False).decode("utf-8", "replace").split("\n")
    rows = (_row(line) for line in lines)
    return [row for row in rows if "time" in row]


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def lost_of(client: docker.APIClient, what: str, container: str) -> Lost | None:
    """Say how a proxy or a side-car was ended, None where it runs."""
    with engine_faults(f"looking at the {what}"):
        state = client.inspect_container(container)["State"]
    return None if state["Running"] else Lost(what=what, of_load=bool(state["OOMKilled"]))


def await_listening(client: docker.APIClient, proxy: str) -> None:
    """Return once a proxy or a side-car takes connections; raises EngineError where it does not."""
    deadline = time.monotonic() + _START_SEC
    with engine_faults("waiting for the proxy"):
        while b"listening" not in (said := client.logs(proxy)):
            if time.monotonic() > deadline:
                raise EngineError(f"the proxy did not start: {said[-300:].decode(errors='replace')}")
            time.sleep(0.02)


def _archive(path: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(path.name)
        data = path.read_bytes()
        member.size, member.mode = len(data), 0o444
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
