"""What changed on the board after the fact: which runs stand aside, and the changelog with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from posttrain_arena.errors import UsageError
from posttrain_arena.model.board import ChangeRow, Outcome, RowStatus
from posttrain_arena.model.change import Change
from posttrain_arena.model.sealed_run import Published

_ASIDE: dict[str, RowStatus] = {"correction": "withdrawn", "withdrawal": "withdrawn", "flag": "flagged"}


def standing_aside(changes: Sequence[Change]) -> dict[str, tuple[RowStatus, str]]:
    """Return ``withdrawn`` or ``flagged``, with the reason, of each run that does not compete. The last word counts."""
    aside: dict[str, tuple[RowStatus, str]] = {}
    for change in changes:
        if change.run is None:
            continue
        aside.pop(change.run, None)
        if change.kind in _ASIDE:
            aside[change.run] = _ASIDE[change.kind], change.reason
    return aside


def changelog(changes: Sequence[Change], runs: Mapping[str, Published]) -> tuple[ChangeRow, ...]:
    """Return the changes, newest first, each with what its runs said.

    Raises UsageError for a change about a run that is not there, and for one whose runs do not fit its kind.
    """
    return tuple(_row(change, runs) for change in sorted(changes, key=lambda change: change.date)[::-1])


def _row(change: Change, runs: Mapping[str, Published]) -> ChangeRow:
    where = f"the {change.kind} of {change.date}"
    if (change.kind == "note") != (change.run is None) or (change.kind == "correction") != (change.by is not None):
        raise UsageError(f"{where}: a note names no run, a correction names `run` and `by`, anything else `run` alone")
    for name in (change.run, change.by):
        if name is not None and name not in runs:
            raise UsageError(f"{where}: {name!r} is no run of this leaderboard: name one that is")
    before, after = (runs.get(name) if name else None for name in (change.run, change.by))
    if before and after and before.entry.name != after.entry.name:
        raise UsageError(f"{where}: {before.id} and {after.id} are of two entries: a correction replaces a run's own")
    return ChangeRow(
        date=change.date,
        kind=change.kind,
        reason=change.reason,
        entry=before.entry.name if before else "",
        before=_outcome(before),
        after=_outcome(after),
    )


def _outcome(run: Published | None) -> Outcome | None:
    return Outcome(run=run.id, delta=run.score.delta, interval=run.score.told) if run else None
