"""Say which phase of the competition a day lies in, and what may be done with an entry then."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator

from posttrain_arena.core.check.entries.manifest import MANIFEST, Manifest
from posttrain_arena.core.check.spot import Problem, Spot
from posttrain_arena.model.competition import Competition, Phase
from posttrain_arena.model.shown import shown


def phase_of(competition: Competition, today: datetime.date) -> Phase | None:
    """Return the phase that ``today`` (UTC) lies in: the last one that has opened and not closed; None between two.

    Null is *not announced*: a phase without ``opens`` has opened where its ``closes`` is announced and else has not,
    and one without ``closes`` lasts until a later one opens. Where no phase has any date yet, the first with
    ``entries: open`` is in force, so that teams can work before the calendar is fixed.
    """
    phases = competition.phases
    if not any(phase.opens or phase.closes for phase in phases):
        return next((phase for phase in phases if phase.entries == "open"), phases[0])
    day = today.isoformat()
    opened = [phase for phase in phases if (phase.opens or phase.closes) and (phase.opens or "") <= day]
    latest = max(reversed(opened), key=lambda phase: phase.opens or "", default=None)
    return latest if latest is not None and (latest.closes is None or day <= latest.closes) else None


def opening_after(competition: Competition, today: datetime.date) -> str | None:
    """Return the next announced day on which entries open, None where there is none."""
    days = [phase.opens for phase in competition.phases if phase.entries == "open" and phase.opens]
    return min((day for day in days if day > today.isoformat()), default=None)


def is_frozen(phase: Phase | None) -> bool:
    """Say whether entries may only be withdrawn."""
    return phase is not None and phase.entries == "frozen"


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
