"""What the infrastructure loses is tried again, twice at most, and the record says what became of each try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import InMemoryEngine, InMemorySandbox

from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.batch import run_trials
from posttrain_arena.core.trial.runner import MAX_RETRIES, TrialRequest
from posttrain_arena.errors import EngineError
from posttrain_arena.model.documents import from_document, to_document
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import Trial


class Failing(InMemoryEngine):
    """An engine whose first containers do not start."""

    def __init__(self, times: int) -> None:
        self.left = times

    @contextmanager
    def open(
        self, task: TaskPackage, image: str, *, isolation: str, skills: Path | None = None
    ) -> Iterator[InMemorySandbox]:
        if self.left:
            self.left -= 1
            raise EngineError(f"{self.left} more to come", reason="container-gone")
        yield InMemorySandbox(task)


@pytest.fixture
def task(tmp_path: Path) -> TaskPackage:
    (folder,) = render_family(FAMILIES / "copy-colour", Draw(split="train", count=1, seed=0), out=tmp_path / "tasks")
    return load_package(folder)


@pytest.mark.parametrize("failures", range(MAX_RETRIES + 2))
def test_every_lost_try_stands_in_the_record(task: TaskPackage, failures: int) -> None:
    (trial,) = run_trials([TrialRequest(task=task, agent=Oracle())], Failing(failures), concurrency=1)
    assert trial.lost is (failures > MAX_RETRIES)
    assert [(lost.stage, lost.reason, lost.owner) for lost in trial.retries] == [
        ("start", "container-gone", "infrastructure")
    ] * min(failures, MAX_RETRIES)
    assert from_document(Trial, to_document(trial), where="trial") == trial
