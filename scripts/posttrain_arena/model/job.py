"""A job: one unit of post-training, pinned by digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from posttrain_arena.model import documents

Track = Literal["environments", "skills", "agents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRef:
    """The entry that is trained on: its folder as given to the job, and the digest that its files must have."""

    name: str
    team: str
    track: Track
    path: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeRef:
    """The recipe file and the digest of its content."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRef:
    """The suite that will score the checkpoint: its name and digest only, the training machine never has it."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything that decides the result of a run. Two equal jobs are the same job: the digest is its name."""

    SCHEMA: ClassVar[str] = "job"

    schema: Literal["job/1"] = "job/1"
    entry: EntryRef
    recipe: RecipeRef
    suite: SuiteRef
    seed: int

    @property
    def digest(self) -> str:
        """The job's name: the digest of what decides its result. Where entry and recipe lie does not."""
        doc = documents.to_document(self)
        for part in ("entry", "recipe"):
            del doc[part]["path"]
        return documents.digest(doc)
