"""A suite: a fixed set of held-out tasks, pinned by digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model import documents

SEALED = "sealed"
"""The name of the sealed suite in jobs, evaluations and results; no other suite has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTask:
    """One held-out task. ``group`` tells apart what is reported apart (another split, another family)."""

    id: str
    path: str
    digest: str
    domain: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tasks of a suite, sorted by id."""

    SCHEMA: ClassVar[str] = "suite"

    schema: Literal["suite/1"] = "suite/1"
    name: str
    tasks: tuple[SuiteTask, ...]

    @property
    def digest(self) -> str:
        """What names the suite in results: the digest of this document."""
        return documents.digest(documents.to_document(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueSuite(Suite):
    """A sealed suite as results may tell of it: opaque ids, leaves for digests, and the root for its own."""

    root: str

    @property
    def digest(self) -> str:
        """What names the suite in results: the root of its commitment."""
        return f"sha256:{self.root}"
