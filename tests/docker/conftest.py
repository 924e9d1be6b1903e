"""A desk for the tests of the chat agent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from chat_desk import Desk
from trial_packages import write_package

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.model.task import TaskPackage


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> TaskPackage:
    return write_package(tmp_path_factory.mktemp("packages"), "chat-copy-note")


@pytest.fixture
def desk(engine: DockerEngine, task: TaskPackage, tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(engine, task, stack, tmp_path)
