"""Exceptions that end a command, each with the exit code it ends with.

An author's fault is data (a finding or a failure) and never one of these; see ``docs/design.md``.
"""

from __future__ import annotations

from typing import Literal


class ArenaError(Exception):
    """Our bug or the infrastructure's fault: ends the command with exit code 3."""

    exit_code = 3


class UsageError(ArenaError):
    """The command was called wrongly or given a file that is not what it takes: exit code 2."""

    exit_code = 2


class DocumentError(UsageError):
    """A document on disk does not follow its schema; the message says where, what and how to fix."""


class EngineError(ArenaError):
    """The container engine could not do its part; ``reason`` is the slug of a trial's failure."""

    def __init__(self, message: str, *, reason: str = "engine") -> None:
        super().__init__(message)
        self.reason = reason


class ModelServerError(ArenaError):
    """A model server did not answer, or not as the protocol says; ``reason`` is the slug of a trial's failure.

    ``owner`` is *us* where it was asked in a way that no other machine would mend, as with a wrong key; ``status`` is
    the HTTP status, 0 where there was none.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "model-server",
        owner: Literal["infrastructure", "us"] = "infrastructure",
        status: int = 0,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.owner = owner
        self.status = status


class TrainingError(ArenaError):
    """A training stage cannot give a checkpoint that may be scored; ``owner`` can mend it, as in a trial's failure."""

    def __init__(self, message: str, *, owner: Literal["author", "infrastructure", "us"] = "us") -> None:
        super().__init__(message)
        self.owner = owner


class MachineError(ArenaError):
    """The machine is too small for what it is asked to run, so nothing was begun; ours, since we chose the machine."""


class StorageError(ArenaError):
    """A disk has no room, or cannot be written to: the infrastructure's fault; the message names the folder."""


class HubError(ArenaError):
    """A model hub took nothing; ``reason`` says whether it refused or could not be reached."""

    def __init__(self, message: str, *, reason: Literal["refused", "network"] = "refused") -> None:
        super().__init__(message)
        self.reason = reason


class GitHubError(ArenaError):
    """GitHub's API refused, or did not answer; ``status`` is the HTTP status, 0 where there was none."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class EntryError(GitHubError):
    """An entry cannot be taken as it is committed: its author's to mend."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=200)


class TakenError(GitHubError):
    """A file that is never overwritten is there with other content."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=409)
