"""Trials on disk: one JSON document per line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from posttrain_arena.model import documents
from posttrain_arena.model.trial import Trial


def write_trials(path: Path, trials: Iterable[Trial]) -> None:
    """Write the trials in order, whole or not at all."""
    documents.write_bytes(path, "".join(_line(trial) for trial in trials).encode("utf-8"))


def read_trials(path: Path) -> list[Trial]:
    """Read what ``write_trials`` wrote; raises DocumentError with the line that does not follow the schema."""
    return [documents.from_document(Trial, row, where=where) for where, row in documents.read_lines(path)]


class TrialLog:
    """Trials as they end, so that a stage that is killed has what it did. Safe to append to from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def recover(self) -> list[Trial]:
        """Return the whole trials of an earlier run and keep these alone; a last line that a kill cut off is gone."""
        if not self._path.exists():
            return []
        text = self._path.read_bytes()
        documents.write_bytes(self._path, text[: text.rfind(b"\n") + 1])
        return read_trials(self._path)

    def append(self, trial: Trial) -> None:
        """Add one trial."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(_line(trial))

    def close(self) -> None:
        """Remove the file: what it had is written elsewhere."""
        self._path.unlink(missing_ok=True)


def _line(trial: Trial) -> str:
    return json.dumps(documents.to_document(trial), sort_keys=True, allow_nan=False) + "\n"


def phase_seconds(trials: Sequence[Trial]) -> dict[str, float]:
    """Return the seconds of each phase, summed over the trials."""
    names = ("start_sec", "agent_sec", "model_sec", "capture_sec", "verify_sec")
    return {name: round(sum(getattr(trial.timings, name) for trial in trials), 3) for name in names}
