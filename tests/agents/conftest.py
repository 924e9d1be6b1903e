"""What tests of agents share: a small base model, and a way to run a script as an agent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from agent_scripts import RunScript

from posttrain_arena.adapters.docker_engine.engine import DockerEngine
from posttrain_arena.core.training.recipes import read_recipe
from posttrain_arena.model.documents import REPOSITORY_ROOT


@pytest.fixture(scope="session")
def small_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model without its pre-training: the shape is what counts."""
    from posttrain_arena.adapters.training.embedded import build_base

    embedded = read_recipe(REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml").model.embedded
    assert embedded is not None
    out = tmp_path_factory.mktemp("base") / "model"
    build_base(replace(embedded, pretraining=replace(embedded.pretraining, steps=1)), out=out)
    return out


@pytest.fixture(scope="session")
def run_script(engine: DockerEngine, small_base: Path, tmp_path_factory: pytest.TempPathFactory) -> RunScript:
    """Give a way to run scripts as agents, on the small base model."""
    return RunScript(engine, small_base, tmp_path_factory.mktemp)
