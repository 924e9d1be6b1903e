"""Say when a phase of the competition begins or ends."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from posttrain_arena.model.competition import Competition, Phase
from posttrain_arena.model.phases import phase_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An issue that is opened once; the title is its name."""

    title: str
    body: str


def phase_announcement(competition: Competition, today: datetime.date) -> Announcement | None:
    """Return what is told on the day on which another phase is in force than the day before; None on all others.

    A calendar without dates has no such day.
    """
    if not any(phase.opens or phase.closes for phase in competition.phases):
        return None
    before, now = phase_of(competition, today - datetime.timedelta(days=1)), phase_of(competition, today)
    if before == now:
        return None
    if now is None:
        ended = before.name if before is not None else "the phase"
        return Announcement(title=f"{ended} is over ({today.isoformat()})", body=f"Entries are closed.\n\n{_rules()}")
    return Announcement(title=f"{now.name} is open ({today.isoformat()})", body=f"{_told(now)}\n\n{_rules()}")


def _told(phase: Phase) -> str:
    lines = [phase.note, ""]
    lines += [f"- Last day: {phase.closes} (UTC)."] if phase.closes else []
    lines.append(
        {
            "open": "- Entries can be handed in and changed.",
            "frozen": "- Entries are frozen: they can be withdrawn and not changed.",
            "closed": "- Entries are closed.",
        }[phase.entries]
    )
    lines.append("- The board ranks." if phase.ranked else "- The board shows results without ranks.")
    if phase.runs is not None:
        window = f"in {phase.runs.days} days" if phase.runs.days else "in this phase"
        lines.append(f"- Scored runs of an entry: at most {phase.runs.at_most} {window}.")
    lines += ["- Names and scores are hidden until it is over."] if phase.blind else []
    return "\n".join(lines)


def _rules() -> str:
    return "Every rule stands in `competition.yaml`."
