"""What an adapter says of a few fixed tokens: whoever serves it must say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

FINGERPRINT = "fingerprint.json"
"""The document's name in an adapter's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The trainer's log-probability, in nats, of every token but the first; as many as ``token_ids`` less one."""

    SCHEMA: ClassVar[str] = "fingerprint"

    schema: Literal["fingerprint/1"] = "fingerprint/1"
    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
