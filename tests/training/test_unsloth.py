"""GRPO by Unsloth's trainer: the update, the weights of tokens and the metrics are those of TRL's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import ScriptedRollout
from small_training import Trained, run_small_grpo, small_recipe

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.model.documents import REPOSITORY_ROOT

UNSLOTH = Path(os.environ.get("UNSLOTH", REPOSITORY_ROOT / ".arena" / "unsloth"))

pytestmark = [
    pytest.mark.unsloth,
    pytest.mark.skipif(not (UNSLOTH / "unsloth").is_dir(), reason="needs Unsloth: make test-unsloth"),
]


@pytest.mark.parametrize("cap", [None, 4.0], ids=["trusts the sampler", "corrects"])
def test_unsloths_trainer_updates_as_trls_does(trained: Trained, tmp_path: Path, cap: float | None) -> None:
    """The prompts differ in length: Unsloth then lays log-probabilities, masks and weights out in its own columns."""
    recipe = small_recipe(grpo={"importance_cap": cap}, gates={"max_sampler_kl": 1e3})
    run_small_grpo(trained, tmp_path / "trl", ScriptedRollout(), recipe=recipe)
    path = os.pathsep.join([str(REPOSITORY_ROOT / "tests"), str(REPOSITORY_ROOT / "scripts"), str(UNSLOTH)])
    program = [sys.executable, REPOSITORY_ROOT / "tests" / "under_unsloth.py"]
    subprocess.run(
        [*program, trained.base, trained.sft / "adapter", tmp_path / "unsloth", str(cap).lower()],
        env={**os.environ, "PYTHONPATH": path, "UNSLOTH_COMPILE_LOCATION": str(tmp_path / "compiled")},
        check=True,
    )
    moved = weight_change(trained.sft / "adapter", tmp_path / "trl" / "adapter")
    assert weight_change(tmp_path / "trl" / "adapter", tmp_path / "unsloth" / "adapter") < moved / 100
    told = [read_metrics(tmp_path / trainer / "metrics.jsonl") for trainer in ("trl", "unsloth")]
    for expected, found in zip(*told, strict=True):
        for name in ("grad_norm", *(["sampler_kl", "weights_capped"] if cap else [])):
            assert found[name] == pytest.approx(expected[name], rel=1e-2)
        assert found["entropy"] == pytest.approx(1.0), "the scripted sampler calls every token e^-1 likely"
