"""The trackers that a training can report to."""

from __future__ import annotations

from collections.abc import Iterable

from posttrain_arena.errors import UsageError

TRACKERS: dict[str, tuple[str, ...]] = {"tensorboard": (), "wandb": ("WANDB_API_KEY",)}
"""Name, as transformers' ``report_to`` and the package's import have it → the secrets it can use."""

VARIABLE = "ARENA_TRACKERS"
"""The environment variable that names trackers, with commas, for jobs on rented machines."""


def known_trackers(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names once each, in their order; raises UsageError for a tracker that is not known."""
    chosen = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if unknown := [name for name in chosen if name not in TRACKERS]:
        raise UsageError(f"no tracker is called {unknown[0]!r}: choose among {', '.join(TRACKERS)}")
    return chosen
