"""The benchmark for GPUs runs through on a CPU, with figures for both stages and both settings."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

pytestmark = pytest.mark.training
SCRIPT = REPOSITORY_ROOT / "tests" / "benchmarks" / "bench_gpu.py"


def test_the_dry_run_gives_every_figure() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--size", "tiny", "--steps", "3"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(SFT|GRPO update) +(plain TRL|the recipe) +(\d+) tokens/s", done.stdout, re.MULTILINE)
    assert {(stage, settings) for stage, settings, _ in found} == {
        (stage, settings) for stage in ("SFT", "GRPO update") for settings in ("plain TRL", "the recipe")
    }
    assert all(int(figure) > 0 for *_, figure in found)
    assert "a dry run" in done.stdout.splitlines()[-1]
