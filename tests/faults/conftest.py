"""A private engine for the session, and a look at what is left after every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from container_faults import left_on
from private_engine import PrivateEngine
from training_runs import Whole, unbroken
from trial_packages import BASE

from posttrain_arena.adapters.docker_engine.connection import connect
from posttrain_arena.adapters.docker_engine.engine import DockerEngine

FOLDER = "tests/faults/"


@pytest.fixture(scope="session")
def saved_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base image as the machine's own engine has it."""
    if os.geteuid() != 0:
        pytest.fail("these tests start an engine of their own: run them as root (sudo make test-faults)")
    archive = tmp_path_factory.mktemp("images") / "base.tar"
    with archive.open("wb") as file:
        for chunk in connect().get_image(BASE):
            file.write(chunk)
    return archive


@pytest.fixture(scope="session")
def private(saved_base: Path) -> Iterator[PrivateEngine]:
    """A second engine with nothing on it but the base image; gone with all its files at the end."""
    engine = PrivateEngine()
    try:
        engine.start()
        engine.load(saved_base)
        yield engine
    finally:
        engine.stop()


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where this process and its children put their temporary files: empty before and after the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert [path.name for path in folder.rglob("*")] == []


@pytest.fixture
def client(private: PrivateEngine, temporary: Path) -> Iterator[docker.APIClient]:
    """A client of the private engine for the test's own hands; nothing may be left there when the test is over."""
    client = private.client()
    yield client
    assert left_on(client) == []


@pytest.fixture
def engine(private: PrivateEngine, client: docker.APIClient) -> Iterator[DockerEngine]:
    """The arena's engine, on the private one; left before the looks at what remains."""
    with DockerEngine(private.client()) as engine:
        yield engine


@pytest.fixture(scope="session")
def whole(private: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A short run of the whole loop that nothing happened to."""
    return unbroken(private, tmp_path_factory.mktemp("whole"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults did not end as they must."""
    reports = [
        report
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.getreports(outcome)
        if FOLDER in report.nodeid
    ]
    wrong = sum(report.outcome != "passed" for report in reports)
    terminalreporter.write_line(f"faults: {len({report.nodeid for report in reports})} tests, {wrong} not held")
