"""A last line that says how many attempts there were."""

from __future__ import annotations

import pytest

ATTEMPTS = ("test_nothing_is_seen", "test_nothing_is_paid", "test_nothing_gives_way")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many attempts there were and how many of them succeeded."""
    counts = {
        outcome: sum(any(name in report.nodeid for name in ATTEMPTS) for report in terminalreporter.getreports(outcome))
        for outcome in ("passed", "failed", "error")
    }
    wrong = counts["failed"] + counts["error"]
    if counts["passed"] + wrong:
        terminalreporter.write_line(f"escape: {counts['passed'] + wrong} attempts, {wrong} not held")
