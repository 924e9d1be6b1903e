"""A real engine, and a last line that says how many attempts there were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from posttrain_arena.adapters.docker_engine.engine import DockerEngine

ATTEMPTS = ("test_nothing_is_seen", "test_nothing_is_paid", "test_nothing_gives_way")


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerEngine]:
    """One engine for all attempts."""
    with DockerEngine() as engine:
        yield engine


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many attempts there were and how many of them succeeded."""
    counts = {
        outcome: sum(any(name in report.nodeid for name in ATTEMPTS) for report in terminalreporter.getreports(outcome))
        for outcome in ("passed", "failed", "error")
    }
    wrong = counts["failed"] + counts["error"]
    if counts["passed"] + wrong:
        terminalreporter.write_line(f"escape: {counts['passed'] + wrong} attempts, {wrong} not held")
