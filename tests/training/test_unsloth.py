"""SFT and GRPO by Unsloth's trainers: the updates, the weights of tokens and the metrics are those of TRL's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_training import Trained
from under_unsloth import CASES

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.model.documents import REPOSITORY_ROOT

UNSLOTH = Path(os.environ.get("UNSLOTH", REPOSITORY_ROOT / ".arena" / "unsloth"))

pytestmark = [
    pytest.mark.unsloth,
    pytest.mark.skipif(not (UNSLOTH / "unsloth").is_dir(), reason="needs Unsloth: make test-unsloth"),
]


@pytest.mark.parametrize("case", CASES)
def test_unsloths_trainers_update_as_trls_do(trained: Trained, tmp_path: Path, case: str) -> None:
    """The prompts differ in length: Unsloth then lays log-probabilities, masks and weights out in its own columns.

    Its models cut a row beyond the context, and so wide is one whose prompt is short and whose completion is, beside
    others of the step.
    """
    adapter = trained.sft / "adapter"
    CASES[case].train("trl", trained.base, adapter, tmp_path / "trl")
    path = os.pathsep.join([str(REPOSITORY_ROOT / "tests"), str(REPOSITORY_ROOT / "scripts"), str(UNSLOTH)])
    program = [sys.executable, REPOSITORY_ROOT / "tests" / "under_unsloth.py"]
    subprocess.run(
        [*program, trained.base, adapter, tmp_path / "unsloth", case],
        env={**os.environ, "PYTHONPATH": path, "UNSLOTH_COMPILE_LOCATION": str(tmp_path / "compiled")},
        check=True,
    )
    moved = weight_change(adapter, tmp_path / "trl" / "grpo" / "adapter")
    for stage in ("sft", "grpo"):
        expected, found = (tmp_path / trainer / stage for trainer in ("trl", "unsloth"))
        assert weight_change(expected / "adapter", found / "adapter") < moved / 100
        for of_trl, of_unsloth in zip(_metrics(expected), _metrics(found), strict=True):
            for name in (*_SHARED[stage], *(_CORRECTED if CASES[case].cap and stage == "grpo" else ())):
                assert of_unsloth[name] == pytest.approx(of_trl[name], rel=1e-2)
    surprise = [row["entropy"] for row in _metrics(tmp_path / "unsloth" / "grpo")]
    assert surprise == pytest.approx([1.0] * len(surprise)), "the scripted sampler calls every token e^-1 likely"


_SHARED = {"sft": ("loss", "grad_norm"), "grpo": ("grad_norm",)}
_CORRECTED = ("sampler_kl", "weights_capped")


def _metrics(stage: Path) -> list[dict[str, float]]:
    return read_metrics(stage / "metrics.jsonl")
