"""Options and fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posttrain_arena.adapters.process_environment import settle_libraries

if TYPE_CHECKING:
    from played_hosts import PlayedHosts

    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

settle_libraries()  # as the command does, before a test imports them
GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-golden``."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files from this run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first: of several processes none then waits at the end for another's last long file."""
    long = ("training", "docker", "browser", "github")
    items.sort(key=lambda item: not any(item.get_closest_marker(name) or name in item.path.parts for name in long))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured: their properties of the name ``figure``."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, told in getattr(report, "user_properties", ()):
                if name == "figure" and report.when == "call":
                    terminalreporter.write_line(f"{told} ({outcome})")


@pytest.fixture(scope="session")
def internet() -> Iterator[PlayedHosts]:
    """All hosts that trials reach in tests: those that the worked examples name, played by containers."""
    from played_hosts import arxiv, played  # most tests need no engine

    with played([arxiv()]) as hosts:
        yield hosts


@pytest.fixture(scope="session")
def engine(internet: PlayedHosts) -> Iterator[DockerEngine]:
    """One engine for all tests; where none answers the tests fail and say what to do."""
    from posttrain_arena.adapters.docker_engine.engine import DockerEngine

    with DockerEngine(uplink=internet.uplink) as engine:
        yield engine


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Return a function that compares bytes with ``tests/golden/<name>``, or rewrites it where asked."""

    def compare(name: str, data: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.is_file(), f"{path} is missing: run pytest with --update-golden and look at the difference"
        assert data.decode() == path.read_bytes().decode()

    return compare
