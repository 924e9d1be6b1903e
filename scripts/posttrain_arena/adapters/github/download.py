"""Fetch bytes of a bounded number from where GitHub keeps them."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from posttrain_arena.adapters.github.connection import TIMEOUT_SEC
from posttrain_arena.errors import GitHubError

_PIECE = 1 << 20


def download(url: str, *, most: int, what: str, headers: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return what lies at an address, looked at while it is read; raises GitHubError over ``most`` bytes.

    Not through PyGithub, which reads the whole of any answer. requests leaves a token behind on a redirect elsewhere.
    """
    data = bytearray()
    with requests.get(url, headers=headers, timeout=TIMEOUT_SEC, stream=True) as answer:
        answer.raise_for_status()
        for piece in answer.iter_content(_PIECE):
            data += piece
            if len(data) > most:
                raise GitHubError(f"GitHub: {what} has more than {most} bytes", status=200)
    return bytes(data)
