"""What set-up brings to a rented machine, by which Python and in which order, whatever its image has."""

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

UV = """\
case $1 in
  venv)
    for place; do :; done
    mkdir -p "$place/bin"
    cp "$HOME/python" "$place/bin/python" && ln -s python "$place/bin/python3.11"
    case $* in *" --seed "*) touch "$place/bin/pip" ;; esac
    case $* in *" only-managed "*) printf '%s\\n' "$*" | grep -o 'python 3[.0-9]*' ;; esac
    ;;
  pip) echo "packages for a GPU" ;;
esac >>"$HOME/called"
"""
"""Makes environments as uv does: of a Python of its own, and with pip only where it is asked for."""

PYTHON = f"""\
case $* in "-m pip "*) [ -f "${{0%/*}}/pip" ] || exit 1 ;; esac
case $* in
  *" download "*) echo "wheels by $0" >>"$HOME/called" ;;
  *" --target "*) mkdir -p .arena/benchmarks; echo "benchmarks by $0" >>"$HOME/called" ;;
  *image_digest.py*) ;;
  *) exec {sys.executable} "$@" ;;
esac
"""
"""Is Python, and only says what it was asked to fetch."""

DOCKER = """\
case $* in
  "build "*) echo "base image" >>"$HOME/called"; exit "${REFUSED:-0}" ;;
  *org.posttrain-arena.input*) exit 1 ;;
esac
"""
"""An engine without the arena's base image."""

HOSTS = {
    "3.10": 'echo "Python 3.10.12"; exit 1',
    "without-ensurepip": f'case $* in *ensurepip* | *venv* | "-m pip"*) exit 1 ;; esac; exec {sys.executable} "$@"',
}


def machine(folder: Path, recipe: str | None, *, host: str = "3.10", gpu: bool = False) -> Path:
    """Return the home of a machine that is given a job of a recipe. What would be installed is only written down."""
    code, job = folder / "arena" / "code", folder / "arena" / "job"
    stage_code(code)
    command(code / "scripts" / "setup" / "packages.sh", 'echo packages.sh >>"$HOME/called"')
    command(code / "scripts" / "setup" / "vllm.sh", 'echo "vLLM by $(command -v python3.11)" >>"$HOME/called"')
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        command(folder / "bin" / name, HOSTS[host])
    commands = {"docker": DOCKER, "sudo": "exit 1", "id": "echo 1000", "nvidia-smi": f"exit {int(not gpu)}"}
    for name, body in commands.items():
        command(folder / "bin" / name, body)
    command(folder / ".local" / "bin" / "uv", UV)
    command(folder / "python", PYTHON)
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


def named(home: Path) -> Path:
    """Return a Python of the machine that has the packages, as ``arena launch --python`` names one."""
    command(home / "its" / "python", PYTHON)
    (home / "its" / "pip").touch()
    return home / "its" / "python"


def own(home: Path) -> Path:
    """Return the Python that set-up makes."""
    return home / "arena" / "code" / ".venv" / "bin" / "python"


def called(home: Path, *, script: str = "node.sh", ends: int = 0, **environment: str) -> list[str]:
    """Return what set-up brings, in its order."""
    given = {"HOME": str(home), "PATH": f"{home / 'bin'}:{os.defpath}", "ARENA_PYTHON": ""}
    words = ["bash", str(home / "arena" / "code" / "sky" / script), "setup"]
    done = subprocess.run(words, env={**os.environ, **given, **environment}, check=False, timeout=120)
    assert done.returncode == ends
    calls = home / "called"
    return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []


@pytest.mark.parametrize("host", HOSTS)
def test_a_machine_with_a_gpu_gets_one_python_whatever_its_image_has(host: str, tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny-vllm", host=host, gpu=True)
    assert called(home) == ["python 3.12", f"wheels by {own(home)}", "base image", "packages for a GPU"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_machine_without_one_gets_the_python_of_the_pins(host: str, tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny-vllm", host=host)
    vllm = f"vLLM by {own(home).with_name('python3.11')}"
    assert called(home) == ["python 3.11", f"wheels by {own(home)}", "base image", "packages.sh", vllm]


@pytest.mark.parametrize(("recipe", "vllm"), [("tiny-vllm", True), ("tiny", False), (None, False)])
def test_vllm_comes_where_the_recipe_serves_with_it(recipe: str | None, vllm: bool, tmp_path: Path) -> None:
    home = machine(tmp_path, recipe)
    python = named(home)
    more = [f"vLLM by {home / 'bin' / 'python3.11'}"] if vllm else []
    assert called(home, ARENA_PYTHON=str(python)) == [f"wheels by {python}", "base image", *more]


def test_a_python_that_has_vllm_gets_no_other(tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny-vllm")
    (home / "packages").mkdir()
    (home / "packages" / "vllm.py").touch()
    brought = called(home, ARENA_PYTHON=str(named(home)), PYTHONPATH=str(home / "packages"))
    assert brought == [f"wheels by {named(home)}", "base image"]


def test_what_fails_soon_fails_before_the_packages(tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny", gpu=True)
    assert called(home, ends=1, REFUSED="1")[-1] == "base image"


def test_without_an_engine_nothing_large_is_fetched(tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny", gpu=True)
    command(home / "bin" / "docker", "exit 1")
    assert called(home, ends=1) == ["python 3.12"]


def test_set_up_again_keeps_the_python(tmp_path: Path) -> None:
    home = machine(tmp_path, "tiny", gpu=True)
    assert [called(home).count("python 3.12") for _ in range(2)] == [1, 1]


def test_benchmarks_are_fetched_by_the_python_that_asks_them(tmp_path: Path) -> None:
    home = machine(tmp_path, None, gpu=True)
    assert called(home, script="agent.sh")[-1] == f"benchmarks by {own(home)}"
    given = machine(tmp_path / "given", None)
    python = named(given)
    assert called(given, script="agent.sh", ARENA_PYTHON=str(python))[-1] == f"benchmarks by {python}"
