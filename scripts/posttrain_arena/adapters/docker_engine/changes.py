"""List what a container wrote over its image; the container may be a stranger's, so the list has a bound."""

from __future__ import annotations

import json
from dataclasses import dataclass

import docker
from requests.exceptions import Timeout

from posttrain_arena.adapters.docker_engine.connection import engine_faults

_ADDED, _REMOVED = 1, 2
"""Kinds of changes, as the engine numbers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file or folder that a container added to its image, changed or removed."""

    path: str
    added: bool = False
    removed: bool = False


def changes_of(client: docker.APIClient, container: str, *, most_bytes: int) -> list[Change] | None:
    """Return all of them, sorted as the engine does; None where its list is longer, or takes longer than it may.

    The client's own method reads a list of any length into memory.
    """
    url = f"{client.base_url}/v{client.api_version}/containers/{container}/changes"
    data = bytearray()
    with engine_faults("listing what a container wrote"):
        try:
            with client.get(url, stream=True, timeout=client.timeout) as answer:
                answer.raise_for_status()
                for chunk in answer.iter_content(1 << 20):
                    data += chunk
                    if len(data) > most_bytes:
                        return None
        except Timeout:
            return None
    kinds = ((one["Path"], one["Kind"]) for one in json.loads(data) or ())
    return [Change(path=path, added=kind == _ADDED, removed=kind == _REMOVED) for path, kind in kinds]
