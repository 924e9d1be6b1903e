"""Containers that play hosts of the internet, on a network that only the arena's proxies stand in."""

from __future__ import annotations

import io
import secrets
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.egress import Uplink

ARXIV = "export.arxiv.org"
READY = "serving"
"""What a host's program says once it takes connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Answers to ``names`` by what ``program``, in the base image's Python, does with its ``arguments``."""

    names: tuple[str, ...]
    program: str
    arguments: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedHosts:
    """The hosts' network, and the container of each by its first name."""

    network: str
    containers: Mapping[str, str]
    client: docker.APIClient

    @property
    def uplink(self) -> Uplink:
        """The way out for an engine whose tasks shall reach these hosts and nothing else."""
        return Uplink(network=self.network, inside=True)

    def address(self, name: str) -> str:
        """Return the address of a host."""
        found = self.client.inspect_container(self.containers[name])["NetworkSettings"]["Networks"]
        address: str = found[self.network]["IPAddress"]
        return address

    def said(self, name: str) -> list[str]:
        """Return what a host's program wrote, line by line, without the one that says that it is ready."""
        lines = self.client.logs(self.containers[name]).decode().splitlines()
        return [line for line in lines if line != READY]


@contextmanager
def played(hosts: Sequence[Host]) -> Iterator[PlayedHosts]:
    """Play the hosts until the context is left."""
    client = connect()
    network = f"posttrain-arena-test-{secrets.token_hex(4)}"
    client.create_network(network, driver="bridge")
    made: dict[str, str] = {}
    try:
        for host in hosts:
            made[host.names[0]] = _start(client, network, host)
        yield PlayedHosts(network=network, containers=made, client=client)
    finally:
        for container in made.values():
            client.remove_container(container, force=True)
        client.remove_network(network)


def certificate(folder: Path, name: str) -> dict[str, bytes]:
    """Return ``cert.pem`` and ``key.pem`` for a host of this name; nobody vouches for it but itself."""
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
    told = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*words.split(), *told], cwd=folder, check=True, capture_output=True)
    return {file: (folder / file).read_bytes() for file in ("cert.pem", "key.pem")}


def arxiv(*arguments: str, files: Mapping[str, bytes] | None = None) -> Host:
    """Return the host of arXiv's API; see arxiv_host.py."""
    program = Path(__file__).with_name("arxiv_host.py").read_text(encoding="utf-8")
    return Host(names=(ARXIV,), program=program, arguments=arguments, files=files or {})


def _start(client: docker.APIClient, network: str, host: Host) -> str:
    config = client.create_networking_config({network: client.create_endpoint_config(aliases=list(host.names))})
    container: str = client.create_container(
        "posttrain-arena/base:1",
        ["python3", "-u", "/program.py", *host.arguments],
        host_config=client.create_host_config(network_mode=network),
        networking_config=config,
    )["Id"]
    client.put_archive(container, "/", _archive({"program.py": host.program.encode(), **host.files}))
    client.start(container)
    deadline = time.monotonic() + 20
    while READY not in (said := client.logs(container).decode()):
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    return container


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
