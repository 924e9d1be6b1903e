"""Where the tests launch jobs, and which jobs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SERVER = "http://127.0.0.1:46580"
LIMIT_SEC = 1500
JOBS = ("plain", "killed", "cancelled", "failing")


def launched(config: pytest.Config) -> tuple[str, ...]:
    """Return the jobs that the story launches."""
    return JOBS if config.getoption("--sky-jobs") == "all" else JOBS[:1]


@dataclass(frozen=True)
class Site:
    """Where the tests launch: the environment of the commands, the cluster's shared folder, and its Python."""

    environment: dict[str, str]
    store: Path
    python: Path

    def arena(self, *words: object, limit_sec: float = LIMIT_SEC, ends: int = 0) -> str:
        """Run an arena command as somebody who launches; return what it printed."""
        result = subprocess.run(
            [sys.executable, "-m", "posttrain_arena", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=limit_sec,
            check=False,
        )
        assert result.returncode == ends, result.stdout + result.stderr
        return result.stdout

    def slurm_jobs(self) -> dict[str, str]:
        """Return the cluster's jobs: name of each by its number."""
        words = ["squeue", "--noheader", "--format", "%i %j"]
        lines = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True).stdout
        return dict(line.split(maxsplit=1) for line in lines.splitlines())
