"""Say what of an agent's files nobody could look at: it is not judged, and never *not flagged*."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from posttrain_arena.core.audit.bounds import BROKEN
from posttrain_arena.core.audit.facts import AgentFile, Facts
from posttrain_arena.core.audit.reading import fault
from posttrain_arena.model.agent_run import WorkspaceCopy

HARMLESS = frozenset({"a link", "no regular file"})
"""What a copy leaves out that holds no text of its own."""

MAX_NAMED = 3


def unseen(facts: Facts) -> tuple[str, ...]:
    """Return what was left out of the copy, was not given, or cannot be read as text, each with its reason."""
    cut = (name for _, name in cut_away(facts.run.workspace))
    return (*facts.missing, *cut, *_unreadable(facts.files))


def because(names: Iterable[str]) -> str:
    """Return why a detector does not judge where these were not looked at; empty where there are none."""
    found = list(dict.fromkeys(names))
    shown = ", ".join(found[:MAX_NAMED]) + (", ..." if len(found) > MAX_NAMED else "")
    return f"{len(found)} of the agent's files were not looked at: {shown}" if found else ""


def cut_away(workspace: WorkspaceCopy) -> Iterator[tuple[str, str]]:
    """Yield the path of each file that the copy left out and that may hold text, and its name with the reason."""
    for file in workspace.cut:
        if file.why not in HARMLESS:
            place = file.path if file.path.startswith("/") else f"workspace/{file.path}"
            yield file.path, f"{place} ({file.why})"


def _unreadable(files: Iterable[AgentFile]) -> Iterator[str]:
    for file in files:
        try:
            why = "too large" if not file.whole else fault(file.path, file.data)
        except BROKEN:
            why = "broken"
        if why:
            yield f"{file.path} ({why})"
