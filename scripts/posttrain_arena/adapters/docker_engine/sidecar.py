"""The container that holds providers' keys for an agent: it stands in the agent's network, and the keys never do."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import docker

from posttrain_arena.adapters.docker_engine import containers
from posttrain_arena.adapters.docker_engine.connection import engine_faults
from posttrain_arena.adapters.docker_engine.egress import PROXY_IMAGE, Egress, Uplink, await_listening, rows_of

PROGRAM = "posttrain_arena.adapters.docker_engine.key_sidecar"
_FILES = ("key_sidecar.py", "key_spending.py")
_FOLDER = PROGRAM.rpartition(".")[0].replace(".", "/")
ALIAS = "keys"
ADDRESS = f"http://{ALIAS}:8080"
_USER = 65534
_MEMORY = "1g"
"""The heads and bodies of as many calls as are heard and forwarded at once, with room."""

_SETTINGS = "/settings.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """A running side-car."""

    container: str

    def rows(self, client: docker.APIClient) -> list[dict[str, Any]]:
        """Return one row for each call that was forwarded, and for refused ones."""
        return rows_of(client, self.container)

    def close(self, client: docker.APIClient) -> None:
        """End it, and with it the only copy of the keys outside the operator's environment."""
        containers.remove(client, self.container)


def open_sidecar(
    client: docker.APIClient,
    settings: Sequence[Mapping[str, Any]],
    *,
    egress: Egress,
    uplink: Uplink,
    labels: Mapping[str, str],
) -> Sidecar:
    """Start it in the network of ``egress``; each of ``settings`` is a provider with its key."""
    host = client.create_host_config(
        network_mode=uplink.network,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=_MEMORY,
        memswap_limit=_MEMORY,
        pids_limit=256,
        log_config=docker.types.LogConfig(type="json-file", config={"max-size": "32m", "max-file": "1"}),
        init=True,
    )
    with engine_faults("starting the side-car"):
        made: str = client.create_container(
            PROXY_IMAGE,
            ["python3", "-E", "-s", "-m", PROGRAM, _SETTINGS],
            working_dir="/",
            entrypoint=[],
            user=f"{_USER}:{_USER}",
            labels=dict(labels),
            host_config=host,
        )["Id"]
        sidecar = Sidecar(container=made)
        try:
            # as a file of its user alone: what stands in a container's environment, anybody at the engine can read
            client.put_archive(made, "/", _archive(json.dumps(list(settings)).encode()))
            client.connect_container_to_network(made, egress.network, aliases=[ALIAS])
            client.start(made)
            await_listening(client, made)
        except BaseException:
            sidecar.close(client)
            raise
    return sidecar


def _archive(settings: bytes) -> bytes:
    buffer = io.BytesIO()
    files = {f"{_FOLDER}/{name}": (Path(__file__).with_name(name).read_bytes(), 0o444) for name in _FILES}
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for parent in (_FOLDER, *map(str, PurePosixPath(_FOLDER).parents)):
            folder = tarfile.TarInfo(parent)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            if parent != ".":
                archive.addfile(folder)
        for name, (data, mode) in {**files, _SETTINGS[1:]: (settings, 0o400)}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.uid, member.gid = len(data), mode, _USER, _USER
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
