"""SFT on a model of a few thousand weights: what it teaches, what it keeps, how it goes on after a kill."""

from __future__ import annotations

import itertools
import json
import math
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from safetensors.torch import load_file
from small_training import Trained, small_recipe

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.sequences import TokenSequence
from posttrain_arena.errors import TrainingError

if TYPE_CHECKING:
    from posttrain_arena.adapters.training.sft import SftResult

pytestmark = pytest.mark.training


def test_sft_writes_an_adapter_and_a_row_per_step(trained: Trained) -> None:
    rows = read_metrics(trained.sft / "metrics.jsonl")
    assert [row["step"] for row in rows] == [1, 2]
    assert all(math.isfinite(row["loss"]) for row in rows)
    assert (trained.sft / "adapter" / "adapter_model.safetensors").is_file()


@contextmanager
def heard(*events: str) -> Iterator[list[tuple[str, Any]]]:
    """Give what the process does of these audit events while the context lasts, each with its first argument."""
    found: list[tuple[str, Any]] = []
    listening = [True]  # an audit hook stays for as long as the process

    def hear(event: str, told: tuple[Any, ...]) -> None:
        if listening and event in events:
            found.append((event, told[0]))

    sys.addaudithook(hear)
    try:
        yield found
    finally:
        listening.clear()


def test_training_takes_no_variable_from_the_environment_and_adds_none(trained: Trained, tmp_path: Path) -> None:
    """Where one comes or goes, another thread that looks a host name up may end the process."""
    before = {os.fsencode(name) for name in os.environ}
    with heard("os.putenv", "os.unsetenv") as found:
        _sft(trained, tmp_path)
    assert [(event, name) for event, name in found if event == "os.unsetenv" or name not in before] == []


def test_training_reports_to_nobody(trained: Trained, tmp_path: Path) -> None:
    with heard("socket.getaddrinfo") as found:
        _sft(trained, tmp_path)
        time.sleep(1)  # a report is sent by a thread of its own
    assert found == []


def test_sft_loss_falls_on_the_assistants_tokens_alone(trained: Trained) -> None:
    """The first loss TRL reports is the mean over the taught tokens, computed here by hand."""
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    sequence = next(iter(trained.demonstrations.values()))[0]
    out = trained.sft.parent / "one"
    recipe = small_recipe(sft={"steps": 1, "batch_size": 1})
    run_sft(SftRun(base=trained.base, demonstrations={"one": [sequence]}, recipe=recipe, seed=0), out=out)
    assert read_metrics(out / "metrics.jsonl")[0]["loss"] == pytest.approx(_loss(trained, sequence), rel=1e-3)


def _sft(trained: Trained, out: Path, **changes: Any) -> SftResult:
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    shown = changes.pop("demonstrations", trained.demonstrations)
    sft = {"steps": 6, "warmup_steps": 0, "validation_share": 0.34, "evaluate_every": 2, **changes}
    return run_sft(SftRun(base=trained.base, demonstrations=shown, recipe=small_recipe(sft=sft), seed=0), out=out)


def _tasks_of_tokens(*, common: int) -> dict[str, list[TokenSequence]]:
    """Return three tasks that say one token so many times, and then each another one, eight in all."""
    said = {str(token): (60,) * common + (token,) * (8 - common) for token in (61, 70, 80)}
    return {
        task: [TokenSequence(prompt_ids=(1,), completion_ids=ids, loss_mask=(1,) * 8, logprobs=(0.0,) * 8)]
        for task, ids in said.items()
    }


def test_sft_keeps_the_weights_of_the_least_validation_loss(trained: Trained, tmp_path: Path) -> None:
    """What the tasks have in common comes to help the one that is kept out, and what they have alone then hurts it."""
    from posttrain_arena.adapters.training.sft import validation_losses

    shown = _tasks_of_tokens(common=1)
    result = _sft(trained, tmp_path, select="validation", steps=10, learning_rate=0.02, demonstrations=shown)
    losses = validation_losses(tmp_path / "metrics.jsonl")
    assert set(losses) == {0, 2, 4, 6, 8, 10}
    assert losses[result.step] == result.validation_loss == min(losses.values())
    assert losses[10] > min(losses.values())
    assert weight_change(result.adapter, tmp_path / "best") == 0.0
    assert result.sequences == 2


def test_sft_that_only_hurts_leaves_the_model_as_it_was(trained: Trained, tmp_path: Path) -> None:
    """Every task says another token: what teaches the others makes the one that is kept out less likely."""
    shown = _tasks_of_tokens(common=0)
    result = _sft(trained, tmp_path, select="validation", learning_rate=0.1, demonstrations=shown)
    assert result.step == 0
    weights = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    assert all(not tensor.any() for name, tensor in weights.items() if "lora_B" in name)


def test_the_validation_loss_is_that_of_the_tasks_kept_out(trained: Trained, tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.sft import validation_losses

    _sft(trained, tmp_path, select="last")
    measured = validation_losses(tmp_path / "metrics.jsonl")[0]
    by_hand = [_loss(trained, sequences[0]) for sequences in trained.demonstrations.values()]
    assert min(abs(measured - loss) for loss in by_hand) < 1e-3
    assert min(abs(first - second) for first, second in itertools.combinations(by_hand, 2)) > 2e-3


def _loss(trained: Trained, sequence: TokenSequence) -> float:
    """Return the base model's mean loss over the taught tokens, worked out by hand."""
    import torch

    from posttrain_arena.adapters.training.policy import load_base

    ids = torch.tensor([[*sequence.prompt_ids, *sequence.completion_ids]])
    with torch.no_grad():
        logprobs = torch.log_softmax(load_base(trained.base, dtype="float32")(input_ids=ids).logits[0], dim=-1)
    start = len(sequence.prompt_ids)
    taught = [
        -float(logprobs[start + index - 1, token])
        for index, (token, mask) in enumerate(zip(sequence.completion_ids, sequence.loss_mask, strict=True))
        if mask
    ]
    return sum(taught) / len(taught)


def _killed_sft(trained: Trained, out: Path) -> None:
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    def kill(row: dict[str, float | int]) -> None:
        if row["step"] == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    recipe = small_recipe(sft={"steps": 6, "warmup_steps": 0, "evaluate_every": 2})
    run_sft(
        SftRun(base=trained.base, demonstrations=trained.demonstrations, recipe=recipe, seed=0), out=out, on_step=kill
    )


def test_a_killed_sft_goes_on_from_its_last_checkpoint_as_if_nothing_had_been(trained: Trained, tmp_path: Path) -> None:
    straight = _sft(trained, tmp_path / "straight", validation_share=0.0)
    child = multiprocessing.get_context("spawn").Process(target=_killed_sft, args=(trained, tmp_path / "cut"))
    child.start()
    child.join(timeout=120)
    assert child.exitcode == -signal.SIGKILL
    resumed = _sft(trained, tmp_path / "cut", validation_share=0.0)
    assert (straight.resumed_from_step, resumed.resumed_from_step) == (0, 2)
    assert weight_change(straight.adapter, resumed.adapter) < 1e-5
    assert [row["step"] for row in read_metrics(tmp_path / "cut" / "metrics.jsonl")] == [1, 2, 3, 4, 5, 6]


def test_packed_demonstrations_do_not_see_each_other(trained: Trained, tmp_path: Path) -> None:
    """The first loss is the mean over all taught tokens, as if each demonstration had a row of its own."""
    apart = _sft(trained, tmp_path / "apart", batch_size=3, validation_share=0.0, evaluate_every=None)
    packed = _sft(trained, tmp_path / "packed", batch_size=1, packing=True, validation_share=0.0, evaluate_every=None)
    losses = [read_metrics(result.adapter.parent / "metrics.jsonl")[0]["loss"] for result in (apart, packed)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_sft_without_demonstrations_says_so(trained: Trained, tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    with pytest.raises(TrainingError, match="no demonstration passed") as caught:
        run_sft(SftRun(base=trained.base, demonstrations={}, recipe=small_recipe(), seed=0), out=tmp_path)
    assert caught.value.owner == "author"


def test_an_adapter_names_what_it_is_on_in_order_and_no_folder(trained: Trained) -> None:
    """Else the digests of equal trainings differed from machine to machine."""
    config = json.loads((trained.sft / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert len(config["target_modules"]) == 2 * 7  # layers, linear layers of each
    assert config["target_modules"] == sorted(config["target_modules"])
    assert str(trained.base.parent) not in json.dumps(config)
