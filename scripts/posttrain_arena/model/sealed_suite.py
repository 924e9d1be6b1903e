"""A sealed suite: what is public of it before the reveal, the key that stays private, and what is public after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

VERSION = "pta-commit-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLeaf:
    """One task that nobody can name yet: the hash that fixes it, in hexadecimal, and its domain."""

    leaf: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSuite:
    """The public record. ``leaves`` are in the order of their bytes; ``domains`` counts them, ``root`` follows."""

    SCHEMA: ClassVar[str] = "sealed-suite"

    schema: Literal["sealed-suite/1"] = "sealed-suite/1"
    version: Literal["pta-commit-v1"] = "pta-commit-v1"
    n: int
    root: str
    leaves: tuple[SealedLeaf, ...]
    domains: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteKey:
    """The private key file: the master key in hexadecimal, and the root that it is the key of."""

    SCHEMA: ClassVar[str] = "suite-key"

    schema: Literal["suite-key/1"] = "suite-key/1"
    version: Literal["pta-commit-v1"] = "pta-commit-v1"
    root: str
    key: str

    @property
    def secret(self) -> bytes:
        """The master key."""
        return bytes.fromhex(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealedTask:
    """One task by both of its names, with everything that leads from its package to the root.

    ``tree`` is the digest of its package, ``index`` the place of its leaf, ``proof`` the hashes from it to the root.
    """

    id: str
    opaque: str
    domain: str
    tree: str
    salt: str
    leaf: str
    index: int
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealedSuite:
    """The revealed record, sorted by opaque id. ``key`` is None where only some of the tasks are revealed."""

    SCHEMA: ClassVar[str] = "revealed-suite"

    schema: Literal["revealed-suite/1"] = "revealed-suite/1"
    version: Literal["pta-commit-v1"] = "pta-commit-v1"
    n: int
    root: str
    key: str | None
    tasks: tuple[RevealedTask, ...]
