"""Close documents that lie in public until a phase is over, with a key that the contest keeps secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from posttrain_arena.errors import ArenaError, UsageError

ENDING = ".sealed"
VARIABLE = "ARENA_BLIND_KEY"
MIN_CHARS = 32

_LINE = 76


@dataclass(frozen=True, slots=True)
class Seal:
    """Closes bytes under a name. The same bytes under the same name give the same text: that is no change."""

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key that could be guessed."""
        if len(self.secret) < MIN_CHARS:
            raise UsageError(
                f"the secret {VARIABLE} has under {MIN_CHARS} characters: make one with openssl rand -hex 32"
            )

    def closed(self, data: bytes, name: str) -> bytes:
        """Return text that only the key opens, and only under this name (AES-SIV, RFC 5297)."""
        text = base64.b64encode(self._cipher().encrypt(data, [name.encode()])).decode()
        return "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE)).encode()

    def opened(self, text: bytes, name: str) -> bytes:
        """Return what was closed; raises ArenaError where it was not with this key, or under another name."""
        from cryptography.exceptions import InvalidTag

        try:
            return bytes(self._cipher().decrypt(base64.b64decode(text), [name.encode()]))
        except (InvalidTag, ValueError) as error:
            raise ArenaError(f"{name}: was not sealed with {VARIABLE}, or changed since") from error

    def alias(self, kind: str, value: str) -> str:
        """Return 64 hexadecimal digits that stand for a value of some kind, always the same."""
        return hmac.new(self._key("alias"), f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()

    def _cipher(self) -> Any:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return AESSIV(self._key("seal"))

    def _key(self, use: str) -> bytes:
        return hashlib.sha512(f"posttrain-arena {use}\0{self.secret}".encode()).digest()
