"""What set-up brings to a rented machine: vLLM where the job's model is served by it, and nothing else has it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from launches import write_job

from posttrain_arena.core.launch.stage_inputs import stage_code, stage_job
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model import documents
from posttrain_arena.model.job import Job, RecipeRef

RECIPES = documents.REPOSITORY_ROOT / "sky" / "recipes"


def machine(folder: Path, recipe: str | None) -> Path:
    """Return the home of a machine that is given a job of a recipe, whose installers only say that they were called."""
    code, job = folder / "arena" / "code", folder / "arena" / "job"
    stage_code(code)
    for name in ("vllm.sh", "base_image.sh"):
        command(code / "scripts" / "setup" / name, f'echo {name} >>"$HOME/called"')
    command(folder / "bin" / "docker", "exit 0")
    if recipe is not None:
        path, kit = write_job(folder / "kit")
        settings = read_recipe(RECIPES / f"{recipe}.yaml")
        pinned = RecipeRef(path="recipe.json", digest=documents.digest(documents.to_document(settings)))
        read = documents.read_document(path, Job)
        stage_job(job, "baseline", dataclasses.replace(read, recipe=pinned), recipe=settings, entry=kit.entry)
    return folder


def command(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def called(home: Path, **environment: str) -> list[str]:
    """Return the installers that set-up calls on a machine whose packages are there already."""
    own = {"HOME": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}", "ARENA_PYTHON": sys.executable}
    script = home / "arena" / "code" / "sky" / "node.sh"
    subprocess.run(["bash", script, "setup"], env={**os.environ, **own, **environment}, check=True, timeout=120)
    return (home / "called").read_text(encoding="utf-8").split()


@pytest.mark.parametrize(
    ("recipe", "brought"),
    [("tiny-vllm", ["vllm.sh", "base_image.sh"]), ("tiny", ["base_image.sh"]), (None, ["base_image.sh"])],
)
def test_vllm_comes_where_the_recipe_serves_with_it(recipe: str | None, brought: list[str], tmp_path: Path) -> None:
    assert called(machine(tmp_path, recipe)) == brought


def test_vllm_for_the_cpu_stays_away_from_a_machine_with_a_gpu(tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny-vllm")
    command(home / "bin" / "nvidia-smi", "exit 0")
    assert called(home) == ["base_image.sh"]


def test_a_python_that_has_vllm_gets_no_other(tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny-vllm")
    (home / "packages").mkdir()
    (home / "packages" / "vllm.py").touch()
    assert called(home, PYTHONPATH=str(home / "packages")) == ["base_image.sh"]
