"""The benchmark for GPUs runs through on a CPU, with figures for both stages and both settings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from posttrain_arena.model.documents import REPOSITORY_ROOT

pytestmark = pytest.mark.training
BENCHMARKS = REPOSITORY_ROOT / "tests" / "benchmarks"

LOOKING_UNSLOTH = """
import sys
patched = {"trl", "transformers", "peft"} & set(sys.modules)
raise ImportError(f"what it patches is here already: {sorted(patched)}")
"""

FIGURE_ON_UNSLOTH = """
import dataclasses
from pathlib import Path
from bench_gpu import SIZES, variants
from gpu_figures import Start, figure
recipe = variants("tiny", 3)["the recipe"]
recipe = dataclasses.replace(recipe, trainer=dataclasses.replace(recipe.trainer, backend="unsloth"))
figure("GRPO update", SIZES["tiny"], recipe, Start(base=Path(), adapter=Path(), parameters=0, device=""))
"""


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **environment},
        cwd=BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_dry_run_gives_every_figure() -> None:
    done = run("bench_gpu.py", "--size", "tiny", "--steps", "3")
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(SFT|GRPO update) +(plain TRL|the recipe) +(\d+) tokens/s", done.stdout, re.MULTILINE)
    assert {(stage, settings) for stage, settings, _ in found} == {
        (stage, settings) for stage in ("SFT", "GRPO update") for settings in ("plain TRL", "the recipe")
    }
    assert all(int(figure) > 0 for *_, figure in found)
    assert "a dry run" in done.stdout.splitlines()[-1]


def test_a_figure_of_unsloth_loads_it_before_what_it_patches(tmp_path: Path) -> None:
    (tmp_path / "unsloth.py").write_text(LOOKING_UNSLOTH)
    done = run("-c", FIGURE_ON_UNSLOTH, PYTHONPATH=str(tmp_path))
    assert "what it patches is here already: []" in done.stderr


WIDTHS = """
from bench_gpu import SIZES
from gpu_figures import Sampled
for size in SIZES.values():
    actor = Sampled(size=size, generations=2)
    lengths = [actor.lengths(generation) for generation in range(2)]
    print(max(map(sum, lengths)) == actor.context < sum(max(part) for part in zip(*lengths)))
"""


def test_rows_of_the_update_are_wider_than_the_context_that_no_episode_leaves() -> None:
    done = run("-c", WIDTHS)
    assert done.stdout.split() == ["True", "True"], done.stderr
