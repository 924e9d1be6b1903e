"""What trains: Unsloth only where it loads, and never on the server's devices."""

from __future__ import annotations

import dataclasses
import os

import pytest

from posttrain_arena.adapters.model_server.commands import server_command
from posttrain_arena.adapters.training.backends import prepare
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


@pytest.mark.parametrize(
    ("devices", "seen", "trainer"),
    [((1,), "4,5", "4"), ((2, 3), "4,5,6,7", "4,5"), ((0,), "4", "4"), ((0, 1), "4,5", "4,5")],
    ids=["one each", "two each", "one shared", "all shared"],
)
def test_the_trainer_does_not_see_the_servers_devices(
    monkeypatch: pytest.MonkeyPatch, devices: tuple[int, ...], seen: str, trainer: str
) -> None:

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    recipe = a_recipe("qwen3-8b", devices=devices)
    for _ in range(2):  # each stage prepares
        prepare(recipe)
        assert os.environ["CUDA_VISIBLE_DEVICES"] == trainer


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
