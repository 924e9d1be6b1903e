"""Find teams that have more than one entry on a track; this needs all entries side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from posttrain_arena.core.check.entries.manifest import Manifest
from posttrain_arena.core.check.spot import Problem
from posttrain_arena.model.shown import shown

_SAME = {"team_name": "the team name", "contact_email": "the contact address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An entry's folder and its manifest."""

    path: Path
    manifest: Manifest


def teams_twice(claims: Sequence[Claim]) -> Iterator[tuple[Path, Problem]]:
    """Yield for every entry that shares team or address with another on its track a problem that names the other.

    Letter case, spaces and punctuation make no second team. Withdrawn entries and unreadable manifests do not count.
    """
    for key, said in _SAME.items():
        groups: dict[tuple[str, str], list[Claim]] = {}
        for claim in claims:
            value = claim.manifest.value
            if value is not None and not claim.manifest.withdrawn:
                groups.setdefault((value.track, _plain(getattr(value, key), key)), []).append(claim)
        for (track, _), group in groups.items():
            for claim in group if len(group) > 1 else ():
                others = ", ".join(shown(other.path.name) for other in group if other is not claim)
                what = f"{said} is also that of {shown(others, 200)} on the track {track}"
                how = "keep one entry per team and track: join them, or withdraw one with withdrawn: true"
                yield claim.path, claim.manifest.problem("team-twice", key, what=what, how=how)


def _plain(text: str, key: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(c for c in folded if c.isalnum()) if key == "team_name" else folded.strip()
    return letters or folded
