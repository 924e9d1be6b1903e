"""Where benchmarks' files lie on this machine, and which model judges: the document of ``--data``, checked."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from posttrain_arena.adapters.benchmarks.registry import find
from posttrain_arena.errors import UsageError
from posttrain_arena.model import documents
from posttrain_arena.model.benchmark import BenchmarkData, ModelJudge


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a benchmark needs beyond its package; without a document nothing."""

    folder: Path = Path()
    data: BenchmarkData = field(default_factory=BenchmarkData)

    def file_of(self, name: str) -> Path | None:
        """Return a benchmark's file, None where it has none; raises UsageError where its bytes are others."""
        if not find(name).from_file:
            return None
        entry = next((one for one in self.data.files if one.benchmark == name), None)
        if entry is None:
            raise UsageError(f"{name} is read from a local file: name it in a document, and that with --data")
        path = (self.folder / entry.path).resolve()
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error}") from error
        if found != entry.sha256:
            raise UsageError(f"{path}: has the SHA-256 {found}, the document says {entry.sha256}: get the right file")
        return path

    def judge_of(self, name: str) -> ModelJudge | None:
        """Return the model that judges a benchmark, None where none does; raises UsageError where one is missing."""
        if find(name).by_model is None:
            return None
        judge = self.data.judge
        if judge is None:
            raise UsageError(f"{name} is judged by a model: name one as `judge` in the document of --data")
        if judge.variable and not os.environ.get(judge.variable):
            raise UsageError(f"{name}: the model that judges needs its key in the variable {judge.variable}")
        return judge


def read_sources(path: Path | None) -> Sources:
    """Return what a document says, or that there is none."""
    if path is None:
        return Sources()
    return Sources(folder=path.parent, data=documents.read_document(path, BenchmarkData))
