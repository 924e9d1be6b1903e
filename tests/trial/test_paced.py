"""Commands have the cores that their task declares, and waiting for them costs no agent its time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import InMemoryEngine, InMemorySandbox

from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.cli.packages import load_package
from posttrain_arena.cli.run_context import EvaluationContext
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.trial.agents import Oracle
from posttrain_arena.core.trial.chat import Chat
from posttrain_arena.core.trial.conversation import Opening, Reply
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.sandbox import CommandResult
from posttrain_arena.core.trial.supply import Supply
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.task import TaskPackage
from posttrain_arena.model.trial import ToolCall


class Busy(InMemoryEngine):
    """An engine whose commands take a while; ``most`` is how many ran at once."""

    def __init__(self) -> None:
        self.most = self._running = 0
        self._lock = threading.Lock()

    @contextmanager
    def command(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        time.sleep(0.05)
        yield
        with self._lock:
            self._running -= 1

    @contextmanager
    def open(
        self, task: TaskPackage, image: str, *, isolation: str, skills: Path | None = None
    ) -> Iterator[InMemorySandbox]:
        yield BusySandbox(task, self)


class BusySandbox(InMemorySandbox):
    def __init__(self, task: TaskPackage, engine: Busy) -> None:
        super().__init__(task)
        self._engine = engine

    def run(self, command: str, *, timeout_sec: float) -> CommandResult:
        with self._engine.command():
            return super().run(command, timeout_sec=timeout_sec)


class Types:
    """A model that types two commands and is done."""

    def __init__(self) -> None:
        self.left = ["cat note", "cat note"]

    def start(self, opening: Opening, tools: Sequence[dict[str, Any]], *, seed: int) -> Types:
        return self

    def observe(self, outputs: Sequence[str]) -> None:
        return None

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply:
        calls = (ToolCall(name="bash", arguments={"command": self.left.pop()}),) if self.left else ()
        return Reply(tool_calls=calls, completion_tokens=1, finish_reason="stop")


@pytest.fixture
def task(tmp_path: Path) -> TaskPackage:
    (folder,) = render_family(FAMILIES / "copy-colour", Draw(split="train", count=1, seed=0), out=tmp_path / "tasks")
    return load_package(folder)


@pytest.mark.parametrize(("cpus", "most"), [(os.cpu_count() or 2, 1), (0.1, 4)])
def test_an_evaluation_runs_as_many_commands_as_there_are_cores_for(
    task: TaskPackage, cpus: float, most: int, tmp_path: Path
) -> None:
    engine = Busy()
    recipe = documents.read_document(documents.REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml", Recipe)
    context = EvaluationContext(recipe=recipe, seed=0, engine=engine, out=tmp_path, bases=tmp_path)
    wanting = replace(task, limits=replace(task.limits, cpus=cpus))
    requests = [TrialRequest(task=wanting, agent=Oracle(), attempt=attempt) for attempt in range(8)]
    trials = context.trials(requests, 4, lambda share, note: None)
    assert [trial.attempt for trial in trials] == list(range(8))
    assert engine.most == most


def test_waiting_for_cores_takes_nothing_of_the_agent_s_time(task: TaskPackage) -> None:
    """The one core is taken for longer than the whole trial may last, before the first command and before the next."""
    cores, ended = Supply(1), threading.Event()
    short = replace(task, limits=replace(task.limits, cpus=1, agent_timeout_sec=0.6))

    def hold() -> None:
        while not ended.is_set():
            with cores.taken(1):
                time.sleep(0.7)

    holding = threading.Thread(target=hold)
    holding.start()
    time.sleep(0.05)
    began = time.monotonic()
    trial = run_trial(TrialRequest(task=short, agent=Chat(model=Types(), max_turns=4), cores=cores), InMemoryEngine())
    seconds = time.monotonic() - began
    ended.set()
    holding.join(5)
    assert (trial.exit_reason, trial.failure) == ("completed", None)
    assert [turn.role for turn in trial.trajectory].count("tool") == 2
    assert seconds > 1.2
    assert trial.timings.agent_sec < 0.6
