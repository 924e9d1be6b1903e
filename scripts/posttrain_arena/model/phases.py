"""Say which phase of the competition a day lies in."""

from __future__ import annotations

import datetime

from posttrain_arena.model.competition import Competition, Phase


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
