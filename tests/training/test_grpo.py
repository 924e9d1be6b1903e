"""GRPO on a model of a few thousand weights: what it asks for, where it stops, how it goes on after a kill."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedRollout
from small_training import STEPS, TASKS, Trained, run_small_grpo, small_recipe

from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.errors import TrainingError

pytestmark = pytest.mark.training


def _without_clock(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("step", "loss", "reward", "grad_norm", "learning_rate")} for row in rows]


def _killed_run(trained: Trained, out: Path, step: int) -> None:
    def kill(now: int) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    run_small_grpo(trained, out, ScriptedRollout(before_step=kill), recipe=None)


def test_a_killed_run_goes_on_from_its_last_step_as_if_nothing_had_been(trained: Trained, tmp_path: Path) -> None:
    straight = ScriptedRollout()
    assert run_small_grpo(trained, tmp_path / "straight", straight, recipe=None) == 0

    child = multiprocessing.get_context("spawn").Process(target=_killed_run, args=(trained, tmp_path / "cut", 2))
    child.start()
    child.join(timeout=120)
    assert child.exitcode == -signal.SIGKILL
    resumed = ScriptedRollout()
    assert run_small_grpo(trained, tmp_path / "cut", resumed, recipe=None) == 2

    assert resumed.calls == straight.calls[2:]
    rows = [_without_clock(read_metrics(tmp_path / name / "metrics.jsonl")) for name in ("straight", "cut")]
    assert [row["step"] for row in rows[1]] == [1, 2, 3, 4]
    assert rows[0] == [pytest.approx(row, rel=1e-4, abs=1e-7) for row in rows[1]]
    assert weight_change(tmp_path / "straight" / "adapter", tmp_path / "cut" / "adapter") < 1e-5


def test_a_checkpoint_cut_in_half_is_redone(trained: Trained, tmp_path: Path) -> None:
    def fail(now: int) -> None:
        if now == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_small_grpo(trained, tmp_path, ScriptedRollout(before_step=fail), recipe=None)
    weights = tmp_path / "trainer" / "checkpoint-3" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    resumed = ScriptedRollout()
    assert run_small_grpo(trained, tmp_path, resumed, recipe=None) == 2
    assert len(resumed.calls) == 2
    assert [row["step"] for row in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3, 4]


def test_a_run_killed_after_its_last_step_does_no_step_more(trained: Trained, tmp_path: Path) -> None:
    run_small_grpo(trained, tmp_path, ScriptedRollout(), recipe=None)
    before = (tmp_path / "adapter" / "adapter_model.safetensors").read_bytes()
    again = ScriptedRollout()
    assert run_small_grpo(trained, tmp_path, again, recipe=None) == STEPS
    assert again.calls == []
    assert (tmp_path / "adapter" / "adapter_model.safetensors").read_bytes() == before
    assert [row["step"] for row in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3, 4]


def test_every_step_asks_for_whole_groups_with_seeds_of_their_own(trained: Trained, tmp_path: Path) -> None:
    rollout = ScriptedRollout()
    run_small_grpo(trained, tmp_path, rollout, recipe=None)
    for requests in rollout.calls:
        groups = [[request.generation for request in requests if request.task == task] for task in TASKS]
        assert sorted(map(len, groups)) == [0, 0, 4, 4]
        assert all(sorted(group) == [0, 1, 2, 3] for group in groups if group)
    seeds = [request.seed for requests in rollout.calls for request in requests]
    assert len(set(seeds)) == len(seeds)


def test_lost_trials_are_counted_and_teach_nothing(trained: Trained, tmp_path: Path) -> None:
    lost = ScriptedRollout(reward=lambda seed: (None, 0.0, 1.0)[seed % 3])
    run_small_grpo(trained, tmp_path, lost, recipe=small_recipe(gates={"max_lost_share": 1.0}))
    rows = read_metrics(tmp_path / "metrics.jsonl")
    expected = [sum(request.seed % 3 == 0 for request in requests) for requests in lost.calls]
    assert [row["failed_trials"] for row in rows] == [row["lost_trials"] for row in rows] == expected
    passed = [sum(request.seed % 3 == 2 for request in requests) / len(requests) for requests in lost.calls]
    assert [row["pass_rate"] for row in rows] == pytest.approx(passed)
    assert all(math.isfinite(row["loss"]) for row in rows)


def test_a_step_tells_of_all_trials_that_ran_also_of_groups_that_were_replaced(
    trained: Trained, tmp_path: Path
) -> None:
    rarely = ScriptedRollout(reward=lambda seed: float(seed % 8 == 0))
    run_small_grpo(trained, tmp_path, rarely, recipe=small_recipe(grpo={"reserve_groups": 2}))
    rows = read_metrics(tmp_path / "metrics.jsonl")
    assert sum(row["groups_replaced"] for row in rows) > 0
    assert [row["trials"] for row in rows] == [len(requests) for requests in rarely.calls]
    passed = [sum(request.seed % 8 == 0 for request in requests) / len(requests) for requests in rarely.calls]
    assert [row["pass_rate"] for row in rows] == pytest.approx(passed, abs=1e-6)


def test_a_machine_that_loses_the_trials_stops_the_run_and_not_the_next(trained: Trained, tmp_path: Path) -> None:
    def gone(now: int) -> None:
        if now == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_small_grpo(trained, tmp_path, ScriptedRollout(before_step=gone), recipe=None)
    with pytest.raises(TrainingError, match=r"step 3: the infrastructure lost 8 of 8 trials \(engine\)"):
        run_small_grpo(trained, tmp_path, ScriptedRollout(reward=lambda seed: None), recipe=None)
    assert run_small_grpo(trained, tmp_path, ScriptedRollout(), recipe=None) == 2


@pytest.mark.parametrize("reward", [0.0, 1.0], ids=["all fail", "all pass"])
def test_rewards_that_never_differ_stop_the_run(trained: Trained, tmp_path: Path, reward: float) -> None:
    same = ScriptedRollout(reward=lambda seed: reward)
    with pytest.raises(TrainingError, match="no group's rewards differed"):
        run_small_grpo(trained, tmp_path, same, recipe=small_recipe(gates={"max_steps_without_variance": 2}))
    assert len(same.calls) == 2


def test_a_solved_run_ends_early_and_stays_ended(trained: Trained, tmp_path: Path) -> None:
    recipe = small_recipe(grpo={"stop_after_solved_steps": 2}, gates={"min_weight_change": 1e-9})
    solving = ScriptedRollout(reward=lambda seed: 1.0)

    def half(seed: int) -> float:
        return 1.0 if len(solving.calls) > 1 else float(seed % 2)

    solving = ScriptedRollout(reward=half)
    run_small_grpo(trained, tmp_path, solving, recipe=recipe)
    assert [row["step"] for row in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3]
    again = ScriptedRollout()
    assert run_small_grpo(trained, tmp_path, again, recipe=recipe) == 3
    assert again.calls == []


def test_a_resumed_run_that_has_learned_already_is_not_taken_for_one_that_cannot(
    trained: Trained, tmp_path: Path
) -> None:
    recipe = small_recipe(gates={"max_steps_without_variance": 2})

    def fail(now: int) -> None:
        if now == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_small_grpo(trained, tmp_path, ScriptedRollout(before_step=fail), recipe=recipe)
    assert run_small_grpo(trained, tmp_path, ScriptedRollout(reward=lambda seed: 1.0), recipe=recipe) == 1


def test_weights_that_did_not_move_are_no_checkpoint(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="changed the adapter by"):
        run_small_grpo(trained, tmp_path, ScriptedRollout(), recipe=small_recipe(gates={"min_weight_change": 1e6}))


def test_fewer_tasks_than_a_step_holds_still_train(trained: Trained, tmp_path: Path) -> None:
    rollout = ScriptedRollout()
    run_small_grpo(trained, tmp_path, rollout, tasks=("only",), recipe=None)
    assert {request.task for requests in rollout.calls for request in requests} == {"only"}
    seeds = [request.seed for requests in rollout.calls for request in requests]
    assert len(set(seeds)) == len(seeds)
