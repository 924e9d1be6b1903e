"""A clock that jumps changes no limit: what measures time in a trial reads the clock that only goes forward."""

from __future__ import annotations

import ast
from pathlib import Path

import posttrain_arena

PACKAGE = Path(posttrain_arena.__file__).parent
TIMED = [PACKAGE / "core" / "trial", PACKAGE / "adapters" / "docker_engine", PACKAGE / "adapters"]
WALL_CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today", "time.localtime"}
SAYS_WHEN = {"forward_proxy.py", "key_sidecar.py"}
"""Write the time of a request into their logs, and measure nothing by it."""


def test_limits_and_timings_are_measured_by_the_monotonic_clock() -> None:
    files = [file for folder in TIMED for file in sorted(folder.glob("*.py")) if file.name not in SAYS_WHEN]
    read = {
        f"{file.name}: {ast.unparse(node)}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {*WALL_CLOCKS, "time.monotonic"}
    }
    assert "runner.py: time.monotonic" in read
    assert "shell.py: time.monotonic" in read
    assert [one for one in read if not one.endswith("time.monotonic")] == []
