"""What the tests of training share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from small_training import Trained
    from tiny_policy import Served, TinyPolicy

BACKENDS = (
    pytest.param("tiny", id="transformers"),
    pytest.param("tiny-vllm", id="vllm", marks=pytest.mark.vllm),
)
"""The recipes whose servers must be alike."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a small base model and its adapter after SFT."""
    from small_training import train_small

    return train_small(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="session")
def alone(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process trains by GRPO."""
    from fakes import ScriptedRollout
    from small_training import run_small_grpo

    out = tmp_path_factory.mktemp("alone") / "grpo"
    run_small_grpo(trained, out, ScriptedRollout(), recipe=None)
    return out


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyPolicy:
    """Return a base model with two adapters."""
    from tiny_policy import make_policy

    return make_policy(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session", params=BACKENDS)
def served(
    request: pytest.FixtureRequest, tiny: TinyPolicy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Serve the tiny policy, by each server in turn."""
    from tiny_policy import serving, tiny_recipe

    with serving(tiny, tiny_recipe(request.param), tmp_path_factory.mktemp("served") / "log") as served:
        yield served
