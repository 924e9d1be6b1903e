"""What trains: Unsloth only where it loads, and never on the server's devices."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from posttrain_arena.adapters.model_server.commands import server_command
from posttrain_arena.adapters.training.backends import TRAINER_DEVICES, prepare
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.errors import TrainingError
from posttrain_arena.model.documents import REPOSITORY_ROOT
from posttrain_arena.model.recipe import RUN_DEVICES, Recipe

RECIPES = REPOSITORY_ROOT / "sky" / "recipes"


def a_recipe(name: str, **server: object) -> Recipe:
    recipe = read_recipe(RECIPES / f"{name}.yaml")
    trainer = dataclasses.replace(recipe.trainer, backend="trl")
    return dataclasses.replace(recipe, trainer=trainer, server=dataclasses.replace(recipe.server, **server))


@pytest.fixture(autouse=True)
def _no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv(RUN_DEVICES, "")
    monkeypatch.delenv(RUN_DEVICES)
    monkeypatch.setenv(TRAINER_DEVICES, "")
    monkeypatch.delenv(TRAINER_DEVICES)


@pytest.mark.parametrize(
    ("devices", "seen"),
    [((1,), "4,5"), ((2, 3), "4,5,6,7"), ((0,), "4"), ((0, 1), "4,5"), (None, "4,5,6")],
    ids=["one each", "two each", "one shared", "all shared", "a server on the CPU"],
)
def test_one_process_sees_one_device_that_is_not_the_servers(
    monkeypatch: pytest.MonkeyPatch, devices: tuple[int, ...] | None, seen: str
) -> None:
    """Of two it would make two copies of the model, and twice the batch."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    recipe = a_recipe("qwen3-8b", devices=devices)
    for _ in range(2):  # each stage prepares
        prepare(recipe)
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "4"


def test_processes_see_a_device_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program in torchrun's place tells what it sees."""
    from posttrain_arena.adapters.training.processes import _torchrun

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    prepare(a_recipe("qwen3-8b", devices=(3,)))
    told = tmp_path / "told"
    told.write_text('#!/bin/sh\necho "$CUDA_VISIBLE_DEVICES"\n')
    told.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(told))
    assert _torchrun(tmp_path, 2, tmp_path / "log") == 0
    assert (tmp_path / "log").read_text() == "4,5\n"
    with pytest.raises(TrainingError, match="4 need a device each, and 3 are left beside server/devices"):
        _torchrun(tmp_path, 4, tmp_path / "log")


def test_the_server_gets_its_devices_after_the_trainer_took_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    recipe = a_recipe("qwen3-8b-2gpu")
    prepare(recipe)
    command = server_command(REPOSITORY_ROOT, recipe, name="base")
    assert command.environment["CUDA_VISIBLE_DEVICES"] == "5"


def test_unsloth_that_does_not_load_says_what_to_install() -> None:
    with pytest.raises(TrainingError, match="trains with Unsloth, which does not load here"):
        prepare(read_recipe(RECIPES / "qwen3-8b.yaml"))
