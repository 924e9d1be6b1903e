"""Step checkpoints and curves after a kill at any moment: whole ones count, halves go."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from posttrain_arena.adapters.training.checkpoints import SealCallback, last_whole_checkpoint
from posttrain_arena.adapters.training.metrics import StepCallback
from posttrain_arena.core.training.metrics import MetricsFile, read_metrics
from posttrain_arena.errors import DocumentError, TrainingError


def _save(folder: Path, step: int, *, sealed: bool = True) -> Path:
    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    (checkpoint / "adapter_model.safetensors").write_bytes(bytes([step]) * 1000)
    (checkpoint / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    if sealed:
        SealCallback().on_save(SimpleNamespace(output_dir=str(folder)), SimpleNamespace(global_step=step), None)
    return checkpoint


def test_the_newest_sealed_checkpoint_counts_and_the_rest_is_removed(tmp_path: Path) -> None:
    _save(tmp_path, 9)
    whole = _save(tmp_path, 10)
    _save(tmp_path, 11, sealed=False)
    assert last_whole_checkpoint(tmp_path) == (whole, 10)
    assert list(tmp_path.iterdir()) == [whole]


def _cut_weights(checkpoint: Path) -> None:
    path = checkpoint / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:500])


def _lose_a_file(checkpoint: Path) -> None:
    (checkpoint / "trainer_state.json").unlink()


def _cut_seal(checkpoint: Path) -> None:
    seal = next(path for path in checkpoint.iterdir() if path.name == "whole.json")
    seal.write_bytes(seal.read_bytes()[:20])


@pytest.mark.parametrize("damage", [_cut_weights, _lose_a_file, _cut_seal])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path, damage) -> None:
    before = _save(tmp_path, 4)
    damage(_save(tmp_path, 5))
    assert last_whole_checkpoint(tmp_path) == (before, 4)
    assert list(tmp_path.iterdir()) == [before]


def test_without_any_whole_checkpoint_a_run_begins_anew(tmp_path: Path) -> None:
    assert last_whole_checkpoint(tmp_path / "missing") is None
    _save(tmp_path, 1, sealed=False)
    assert last_whole_checkpoint(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_curves_forget_what_a_killed_run_wrote_beyond_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    first = MetricsFile(path)
    for step in (1, 2, 3):
        first.append({"step": step, "loss": 0.5})
    with path.open("a") as file:
        file.write('{"step": 4, "lo')  # the line that the kill cut off
    assert [row["step"] for row in read_metrics(path)] == [1, 2, 3]
    MetricsFile(path, done=2).append({"step": 3, "loss": 0.25})
    assert read_metrics(path) == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.5}, {"step": 3, "loss": 0.25}]


@pytest.mark.parametrize("line", ['{"step": 1, "lo', "[1]", '{"loss": 0.5}', '{"step": 1, "loss": NaN}', "\x00"])
def test_curves_that_were_damaged_are_refused_with_their_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(f'{{"step": 1, "loss": 0.5}}\n{line}\n{{"step": 3, "loss": 0.5}}\n')
    with pytest.raises(DocumentError, match=f"{path}:2: "):
        read_metrics(path)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_the_run(loss: float) -> None:
    seen: list[dict] = []
    callback = StepCallback(seen.append)
    callback.on_log(None, SimpleNamespace(global_step=6), None, logs={"loss": 0.1, "grad_norm": float("nan")})
    with pytest.raises(TrainingError, match="step 7"):
        callback.on_log(None, SimpleNamespace(global_step=7), None, logs={"loss": loss})
    assert seen == [{"step": 6, "loss": 0.1}]
