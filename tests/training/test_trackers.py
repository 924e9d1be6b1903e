"""Trackers hear of a training, decide nothing of it, and are refused before any work where they cannot."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from small_training import Trained, small_recipe

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.adapters.training.trackers import TrackedStage, require_trackers, tracked
from posttrain_arena.cli.main import main
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.errors import UsageError
from posttrain_arena.model.trackers import known_trackers


def _stage(folder: Path, *, recipe: str = "a") -> TrackedStage:
    return TrackedStage(folder=folder, name="sft", inputs={"recipe": recipe})


@pytest.mark.training
def test_tensorboard_hears_every_step_and_changes_nothing(trained: Trained, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    recipe = small_recipe(sft={"steps": 4, "validation_share": 0.34, "evaluate_every": 2})
    plain = SftRun(base=trained.base, demonstrations=trained.demonstrations, recipe=recipe, seed=0)
    heard = dataclasses.replace(plain, trackers=("tensorboard",))
    result = run_sft(plain, out=tmp_path / "plain")
    with tracked(heard.trackers, _stage(tmp_path / "logs")):
        told = run_sft(heard, out=tmp_path / "heard")
    assert weight_change(result.adapter, told.adapter) == 0.0
    assert not list((tmp_path / "heard").rglob("events.out*")), "a tracker's file would change the stage's digest"

    events = EventAccumulator(str(tmp_path / "logs" / "tensorboard" / "sft"))
    events.Reload()
    rows = {row["step"]: row for row in read_metrics(tmp_path / "heard" / "metrics.jsonl") if "loss" in row}
    read = {scalar.step: scalar.value for scalar in events.Scalars("train/loss")}
    assert read == {step: pytest.approx(row["loss"], rel=1e-5) for step, row in rows.items()}
    assert [scalar.step for scalar in events.Scalars("eval/loss")] == [0, 2, 4]


@pytest.mark.training
def test_wandb_has_one_run_per_stage_and_finds_it_again(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="the extra 'trackers' is not installed")
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    monkeypatch.setenv("WANDB_MODE", "offline")
    stages = [_stage(tmp_path / "logs", recipe=recipe) for recipe in ("a", "b", "a")]
    for number, stage in enumerate(stages):
        run = SftRun(
            base=trained.base,
            demonstrations=trained.demonstrations,
            recipe=small_recipe(),
            seed=0,
            trackers=("wandb",),
        )
        with tracked(run.trackers, stage):
            run_sft(run, out=tmp_path / str(number))
    files = sorted(path.name for path in (tmp_path / "logs").rglob("run-*.wandb"))
    assert files == sorted(f"run-{stage.digest}.wandb" for stage in stages)
    assert stages[0].digest == stages[2].digest != stages[1].digest


def test_the_environment_is_as_before_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = "TENSORBOARD_LOGGING_DIR"
    monkeypatch.delenv(variable, raising=False)
    with tracked(("tensorboard",), _stage(tmp_path)):
        assert os.environ[variable] == str(tmp_path / "tensorboard" / "sft")
    assert variable not in os.environ
    monkeypatch.setenv(variable, "mine")
    with tracked(("tensorboard",), _stage(tmp_path)):
        pass
    assert os.environ[variable] == "mine"


def test_names_are_known_and_told_once() -> None:
    assert known_trackers([" wandb", "", "tensorboard", "wandb"]) == ("wandb", "tensorboard")
    with pytest.raises(UsageError, match="no tracker is called 'comet': choose among tensorboard, wandb"):
        known_trackers(["comet"])


def test_wandb_without_a_key_is_refused_and_without_a_need_for_one_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "wandb" or None)
    with pytest.raises(UsageError, match="set WANDB_API_KEY, or WANDB_MODE=offline"):
        require_trackers(["wandb"])
    monkeypatch.setenv("WANDB_MODE", "offline")
    require_trackers(["wandb"])
    with pytest.raises(UsageError, match=r"tracker tensorboard is not installed: pip install .*\[trackers\]"):
        require_trackers(["tensorboard"])


@pytest.mark.parametrize("given", ["argument", "variable"])
def test_an_unknown_tracker_ends_the_command_before_any_work(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARENA_TRACKERS", "comet" if given == "variable" else "")
    words = ["--tracker", "comet"] if given == "argument" else []
    assert main(["post-train", str(tmp_path / "job.json"), "--out", str(tmp_path / "run"), *words]) == 2
    assert "no tracker is called 'comet'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
