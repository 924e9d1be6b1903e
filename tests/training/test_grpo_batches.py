"""GRPO's batches: in parts, over processes, in too little memory, sampled by policies of another age."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedRollout
from small_training import STEPS, Trained, run_small_grpo, small_recipe

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.sequences import sampled_sequence
from posttrain_arena.errors import TrainingError
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.training


def test_a_batch_in_parts_gives_the_same_update(trained: Trained, tmp_path: Path) -> None:
    for name, micro in (("whole", None), ("parts", 2)):
        changes = {"trainer": {"micro_batch": micro}, "grpo": {"importance_cap": 4.0}}
        recipe = small_recipe(**changes, gates={"max_sampler_kl": 1e3})
        run_small_grpo(trained, tmp_path / name, ScriptedRollout(), recipe=recipe)
    assert weight_change(tmp_path / "whole" / "adapter", tmp_path / "parts" / "adapter") < 1e-4
    moved = weight_change(trained.sft / "adapter", tmp_path / "parts" / "adapter")
    assert moved > 1e-2, "the parts are equal because both learned"


def test_a_batch_that_does_not_part_evenly_is_refused(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="a batch of 8 sequences does not part into 3 on each of 1 devices"):
        run_small_grpo(trained, tmp_path, ScriptedRollout(), recipe=small_recipe(trainer={"micro_batch": 3}))


def test_too_little_memory_is_answered_with_smaller_parts_and_told(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from posttrain_arena.adapters.training.trainer import CorrectingTrainer

    plain = CorrectingTrainer._compute_loss

    def hungry(trainer: CorrectingTrainer, model: object, inputs: dict[str, Any]) -> object:
        if trainer.state.global_step >= 1 and len(inputs["completion_ids"]) > 2:
            raise torch.OutOfMemoryError("injected")
        return plain(trainer, model, inputs)

    run_small_grpo(trained, tmp_path / "roomy", ScriptedRollout(), recipe=None)
    monkeypatch.setattr(CorrectingTrainer, "_compute_loss", hungry)
    run_small_grpo(trained, tmp_path / "tight", ScriptedRollout(), recipe=None)
    rows = read_metrics(tmp_path / "tight" / "metrics.jsonl")
    assert [(row["step"], row["micro_batch"]) for row in rows] == [(1, 8), (2, 2), (3, 2), (4, 2)]
    assert weight_change(tmp_path / "roomy" / "adapter", tmp_path / "tight" / "adapter") < 1e-4


@pytest.mark.parametrize("staleness", [0, 2])
def test_a_killed_run_with_rollouts_ahead_goes_on_with_the_same_trials(
    trained: Trained, tmp_path: Path, staleness: int
) -> None:
    recipe = small_recipe(grpo={"max_staleness": staleness, "importance_cap": 4.0}, gates={"max_sampler_kl": 1e3})

    def fail(now: int) -> None:
        if now == 1:
            raise KeyboardInterrupt

    straight, cut, resumed = ScriptedRollout(), ScriptedRollout(before_step=fail), ScriptedRollout()
    run_small_grpo(trained, tmp_path / "straight", straight, recipe=recipe)
    with pytest.raises(KeyboardInterrupt):
        run_small_grpo(trained, tmp_path / "cut", cut, recipe=recipe)
    done = run_small_grpo(trained, tmp_path / "cut", resumed, recipe=recipe)
    assert resumed.versions == {
        request: version for request, version in straight.versions.items() if request.step >= done
    }
    assert weight_change(tmp_path / "straight" / "adapter", tmp_path / "cut" / "adapter") < 1e-5
    rows = read_metrics(tmp_path / "cut" / "metrics.jsonl")
    assert [row["staleness"] for row in rows] == [min(step, staleness) for step in range(STEPS)]


def test_a_token_weighs_as_much_as_it_is_likelier_now_up_to_the_cap(trained: Trained, tmp_path: Path) -> None:
    """The scripted sampler calls every token e^-1 likely: the weights are e^(1 + log p), their mean gap is known."""
    recipe = small_recipe(grpo={"importance_cap": 1.0}, gates={"max_sampler_kl": 1e3})
    rollout = ScriptedRollout()
    run_small_grpo(trained, tmp_path, rollout, recipe=recipe)
    row = read_metrics(tmp_path / "metrics.jsonl")[0]
    logprobs = _logprobs(trained, [rollout.act(request, 0) for request in rollout.calls[0]])
    assert row["sampler_kl"] == pytest.approx(-1.0 - sum(logprobs) / len(logprobs), rel=1e-4)
    assert row["weights_capped"] == pytest.approx(sum(value > -1.0 for value in logprobs) / len(logprobs), abs=1e-6)


def _logprobs(trained: Trained, trials: list[Trial]) -> list[float]:
    """Return the policy's log-probability of every sampled token of the trials, worked out one by one."""
    import torch

    from posttrain_arena.adapters.training.policy import load_policy

    model = load_policy(trained.base, small_recipe(), trained.sft / "adapter", seed=0).eval()
    found = []
    for trial in trials:
        sequence = sampled_sequence(trial)
        assert sequence is not None
        ids = torch.tensor([[*sequence.prompt_ids, *sequence.completion_ids]])
        with torch.no_grad():
            rows = torch.log_softmax(model(input_ids=ids).logits[0].float(), dim=-1)
        start = len(sequence.prompt_ids)
        for index, (token, mask) in enumerate(zip(sequence.completion_ids, sequence.loss_mask, strict=True)):
            if mask:
                found.append(float(rows[start + index - 1, token]))
    return found
