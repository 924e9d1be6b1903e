"""Say what may be done with an entry in a phase of the competition."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator

from posttrain_arena.core.check.entries.manifest import MANIFEST, Manifest
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.competition import Competition
from posttrain_arena.model.phases import opening_after, phase_of
from posttrain_arena.model.shown import shown


def withdrawal(manifest: Manifest) -> Problem:
    """Return what is said of an entry that is withdrawn."""
    how = "nothing to do; remove withdrawn to take part again, before the freeze"
    return manifest.problem("entry-withdrawn", "withdrawn", what="the entry is withdrawn and not judged", how=how)


def judge_phase(
    manifest: Manifest, competition: Competition, *, today: datetime.date, changed: Collection[str] | None
) -> Iterator[Problem]:
    """Yield why the entry cannot be handed in today.

    ``changed`` are the paths below the entry that a pull request touches, None where that is not known. An entry that
    nobody touches may stay as it is in every phase; one that is withdrawn may be so in every phase.
    """
    phase = phase_of(competition, today)
    if manifest.withdrawn or (changed is not None and not changed):
        return
    if phase is None or phase.entries == "closed":
        day = opening_after(competition, today)
        what = f"entries open on {day}" if day else "entries are closed, and no day is announced on which they open"
        how = f"hand it in from {day} on" if day else "see the phases in competition.yaml"
        yield Problem(rule="entry-closed", spot=Spot(path=MANIFEST, what=what, how=how))
    elif phase.entries == "frozen" and changed:
        first = min(changed)
        what = f"entries are frozen since {phase.opens or phase.name}, and this change touches {shown(first)!r}"
        how = "undo the change; an entry can still be withdrawn: write withdrawn: true into submission.yaml"
        yield Problem(rule="entry-frozen", spot=Spot(path=first, what=what, how=how))
