"""What a pull request is to the arena: one entry of one team, or something that people review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENTRIES = "submissions/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as GitHub's API has it now; ``base`` is the branch that it goes to.

    ``paths`` are all that it touches, under old and new names; ``removed`` the entries of which nothing is left;
    ``behind`` those that its base changed since it began: checked was what a merge gives, not what its head has.
    """

    number: int
    head: str
    base: str
    author: str
    open: bool
    draft: bool
    labels: tuple[str, ...]
    paths: tuple[str, ...]
    removed: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[str, ...]:
        """The folders of the entries that it touches."""
        return tuple(sorted({entry for path in self.paths if (entry := entry_of(path))}))

    @property
    def judged(self) -> tuple[str, ...]:
        """The entries that there is something to say about: those that it leaves."""
        return tuple(entry for entry in self.entries if entry not in self.removed)

    @property
    def others(self) -> tuple[str, ...]:
        """The paths it touches that are no entry's: the arena's own code, its rules, its results."""
        return tuple(path for path in self.paths if not entry_of(path))


def entry_of(path: str) -> str:
    """Return the entry's folder that a path lies in; empty where it lies in none."""
    parts = path.split("/")
    inside = path.startswith(ENTRIES) and len(parts) > 2 and not {"", ".", ".."} & set(parts)
    return "/".join(parts[:2]) if inside else ""


def trusted(pull: PullRequest) -> bool:
    """Say whether what the pull request's own workflow runs reported can be believed.

    A workflow run takes the workflow from the pull request: one that touches anything beside entries may have written
    its own report.
    """
    return not pull.others


def only_entry(paths: Sequence[str]) -> str | None:
    """Return the one entry that paths lie in; None where they lie in several, or anywhere else."""
    found = {entry_of(path) for path in paths}
    return found.pop() if len(found) == 1 and "" not in found else None
