"""A submission: the manifest of one team's entry on one track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Track = Literal["environments", "skills", "agents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """``release_only`` names environments that are published and not trained on; ``withdrawn`` ends the entry."""

    SCHEMA: ClassVar[str] = "submission"

    team_name: str
    contact_email: str
    track: Track
    title: str = ""
    license: str = ""
    members: tuple[str, ...] = ()
    release_only: tuple[str, ...] = ()
    withdrawn: bool = False
