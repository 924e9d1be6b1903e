"""The pinned sets still resolve, and are what a resolver makes of pyproject.toml: no wheel is downloaded for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from posttrain_arena.model.documents import REPOSITORY_ROOT

UV = Path(sys.executable).with_name("uv")
LOCK = REPOSITORY_ROOT / "requirements" / "gpu-py312.txt"


def pins(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def test_the_gpu_machine_s_set_resolves_to_itself_from_wheels_alone(tmp_path: Path) -> None:
    again = tmp_path / LOCK.name
    shutil.copy(LOCK, again)  # pins that still fit are kept
    target = ["--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_31", "--no-build"]
    wanted = [
        "--extra",
        "train",
        "--extra",
        "gpu",
        "--extra",
        "trackers",
        "pyproject.toml",
        "--output-file",
        str(again),
    ]
    done = subprocess.run(
        [UV, "pip", "compile", "--quiet", "--no-annotate", "--no-header", *target, *wanted],
        cwd=REPOSITORY_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert pins(again) == pins(LOCK)


def test_the_gpu_machine_trains_with_the_versions_that_were_tested_here() -> None:
    tested = {pin.partition("==")[0]: pin for pin in pins(REPOSITORY_ROOT / "constraints.txt")}
    gpu = {pin.partition("==")[0]: pin for pin in pins(LOCK)}
    for name in ("torch", "transformers", "trl", "peft", "datasets", "accelerate"):
        assert gpu[name] == tested[name]
    assert "skypilot" not in gpu
