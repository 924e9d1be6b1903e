"""Weights and manifests that changed after they were written: named, and made again or refused, never used."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from training_runs import Whole, facts, until, weights

pytestmark = [pytest.mark.docker, pytest.mark.training]

WEIGHTS = "adapter/adapter_model.safetensors"


def cut(stage: Path) -> str:
    """Cut the weights in half."""
    path = stage / WEIGHTS
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return f"not as its manifest says: {WEIGHTS}"


def flip(stage: Path) -> str:
    """Change one bit of the weights, and leave their length."""
    path = stage / WEIGHTS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    return f"not as its manifest says: {WEIGHTS}"


def swap_manifest(stage: Path) -> str:
    """Put the manifest of another recipe there."""
    path = stage / "manifest.json"
    doc = json.loads(path.read_text(encoding="utf-8"))
    doc["inputs"]["recipe"] = "sha256:" + "0" * 64
    path.write_text(json.dumps(doc), encoding="utf-8")
    return "was made from another recipe"


Harm = Callable[[Path], str]


@pytest.mark.parametrize(("stage", "harm"), [("sft", cut), ("grpo", swap_manifest)])
def test_a_stage_that_changed_is_named_and_runs_again(whole: Whole, tmp_path: Path, stage: str, harm: Harm) -> None:
    run = whole.begun(tmp_path / "run", "demonstrations", "sft", "grpo")
    said = harm(run / stage)
    result = whole.ended(whole.post_train(run))
    assert result.returncode == 0, result.stderr
    assert f"arena: {run / stage}: {said}: the stage runs again\n" in result.stderr
    assert [weights(run / name) for name in ("sft", "grpo")] == [weights(whole.stage(name)) for name in ("sft", "grpo")]


@pytest.mark.parametrize(("harm", "code"), [(cut, 3), (flip, 3), (swap_manifest, 2)])
def test_a_checkpoint_that_changed_is_not_evaluated(whole: Whole, tmp_path: Path, harm: Harm, code: int) -> None:
    run = whole.begun(tmp_path / "run", "grpo")
    said = harm(run / "grpo")
    result = whole.ended(whole.evaluate(tmp_path / "out", run / "grpo"))
    assert result.returncode == code, result.stderr
    assert str(run / "grpo") in result.stderr
    assert (WEIGHTS if said.endswith(WEIGHTS) else "was trained with the recipe") in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_step_s_checkpoint_that_changed_gives_way_to_the_one_before(whole: Whole, tmp_path: Path) -> None:
    """And so does the adapter that sampled it, which a killed run left on the disk."""
    run = whole.begun(tmp_path / "run", "demonstrations", "sft")
    with whole.started(whole.post_train(run)) as process:
        until(lambda: (run / "grpo" / "live" / "2").exists(), process)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    damaged = run / "grpo" / "trainer" / "checkpoint-2" / "adapter_model.safetensors"
    for path in (damaged, run / "grpo" / "live" / "2" / "adapter_model.safetensors"):
        path.write_bytes(path.read_bytes()[:1000])
    result = whole.ended(whole.post_train(run))
    assert result.returncode == 0, result.stderr
    assert facts(run / "grpo")["resumed_from_step"] == 1
    assert weights(run / "grpo") == weights(whole.stage("grpo"))
