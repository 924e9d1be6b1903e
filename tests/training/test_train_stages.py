"""SFT and GRPO on a model of a few thousand weights: what they write, where they stop, how they go on after a kill."""

from __future__ import annotations

import copy
import math
import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes import InMemoryEngine, ScriptedRollout

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.embedded import build_base
from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.read import read_package
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.sequences import TokenSequence, demonstrated_sequence
from posttrain_arena.core.trial.agents import StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.errors import TrainingError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe

pytestmark = pytest.mark.training

TASKS = ("one", "two", "three", "four")
STEPS = 4


def _recipe(**changes: dict[str, Any]) -> Recipe:
    path = documents.REPOSITORY_ROOT / "sky" / "recipes" / "tiny.yaml"
    doc = copy.deepcopy(documents.to_document(documents.read_document(path, Recipe)))
    doc["model"]["embedded"] |= {"hidden": 32, "heads": 1, "intermediate": 32, "phrases": ["cat ", "echo ", " > out"]}
    doc["model"]["embedded"]["pretraining"] |= {"steps": 2, "batch_size": 2}
    doc["sft"] |= {"steps": 2, "batch_size": 2, "warmup_steps": 0}
    doc["grpo"] |= {"steps": STEPS, "tasks_per_step": 2, "generations": 4, "warmup_steps": 0}
    for section, values in changes.items():
        doc[section] |= values
    return documents.from_document(Recipe, doc, where="recipe")


@dataclass(frozen=True)
class Trained:
    """A base model and the adapter after SFT."""

    base: Path
    sft: Path
    demonstrations: list[TokenSequence]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    from posttrain_arena.adapters.training.sft import run_sft

    root = tmp_path_factory.mktemp("trained")
    recipe = _recipe()
    build_base(recipe.model.embedded, out=root / "base")
    packages = render_family(FAMILIES / "copy-colour", Draw(split="train", count=3, seed=0), out=root / "tasks")
    tasks = [task for path in packages if (task := read_package(path, root=root)[0]) is not None]
    assert len(tasks) == 3
    trials = [run_trial(TrialRequest(task=task, agent=StepwiseOracle()), InMemoryEngine()) for task in tasks]
    tokens = ChatTokens.load(root / "base")
    demonstrations = [demonstrated_sequence(trial, tokens, TOOLS) for trial in trials]
    run_sft(root / "base", demonstrations, recipe, seed=0, out=root / "sft")
    return Trained(base=root / "base", sft=root / "sft", demonstrations=demonstrations)


def _grpo(
    trained: Trained, out: Path, rollout: ScriptedRollout, *, tasks: tuple[str, ...] = TASKS, recipe: Recipe | None
) -> int:
    """Run GRPO; return the step it resumed from."""
    from posttrain_arena.adapters.training.grpo import GrpoRun, run_grpo

    run = GrpoRun(
        base=trained.base,
        adapter=trained.sft / "adapter",
        tasks=tasks,
        rollout=rollout,
        recipe=recipe or _recipe(),
        seed=3,
    )
    return run_grpo(run, out=out)[1]


def test_sft_writes_an_adapter_and_a_row_per_step(trained: Trained) -> None:
    rows = read_metrics(trained.sft / "metrics.jsonl")
    assert [row["step"] for row in rows] == [1, 2]
    assert all(math.isfinite(row["loss"]) for row in rows)
    assert (trained.sft / "adapter" / "adapter_model.safetensors").is_file()


def test_sft_loss_falls_on_the_assistants_tokens_alone(trained: Trained) -> None:
    """The first loss TRL reports is the mean over the taught tokens, computed here by hand."""
    import torch

    from posttrain_arena.adapters.training.policy import load_policy
    from posttrain_arena.adapters.training.sft import run_sft

    sequence = trained.demonstrations[0]
    out = trained.sft.parent / "one"
    run_sft(trained.base, [sequence], _recipe(sft={"steps": 1, "batch_size": 1}), seed=0, out=out)
    ids = torch.tensor([[*sequence.prompt_ids, *sequence.completion_ids]])
    with torch.no_grad():
        logprobs = torch.log_softmax(load_policy(trained.base, seed=0)(input_ids=ids).logits[0], dim=-1)
    start = len(sequence.prompt_ids)
    taught = [
        -float(logprobs[start + index - 1, token])
        for index, (token, mask) in enumerate(zip(sequence.completion_ids, sequence.loss_mask, strict=True))
        if mask
    ]
    reported = read_metrics(out / "metrics.jsonl")[0]["loss"]
    assert reported == pytest.approx(sum(taught) / len(taught), rel=1e-3)


def test_sft_without_demonstrations_says_so(trained: Trained, tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.sft import run_sft

    with pytest.raises(TrainingError, match="no demonstration passed"):
        run_sft(trained.base, [], _recipe(), seed=0, out=tmp_path)


def _without_clock(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("step", "loss", "reward", "grad_norm", "learning_rate")} for row in rows]


def _killed_run(trained: Trained, out: Path, step: int) -> None:
    def kill(now: int) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    _grpo(trained, out, ScriptedRollout(before_step=kill), recipe=None)


def test_a_killed_run_goes_on_from_its_last_step_as_if_nothing_had_been(trained: Trained, tmp_path: Path) -> None:
    straight = ScriptedRollout()
    assert _grpo(trained, tmp_path / "straight", straight, recipe=None) == 0

    child = multiprocessing.get_context("spawn").Process(target=_killed_run, args=(trained, tmp_path / "cut", 2))
    child.start()
    child.join(timeout=120)
    assert child.exitcode == -signal.SIGKILL
    resumed = ScriptedRollout()
    assert _grpo(trained, tmp_path / "cut", resumed, recipe=None) == 2

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
        _grpo(trained, tmp_path, ScriptedRollout(before_step=fail), recipe=None)
    weights = tmp_path / "trainer" / "checkpoint-3" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    resumed = ScriptedRollout()
    assert _grpo(trained, tmp_path, resumed, recipe=None) == 2
    assert len(resumed.calls) == 2
    assert [row["step"] for row in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3, 4]


def test_a_run_killed_after_its_last_step_does_no_step_more(trained: Trained, tmp_path: Path) -> None:
    _grpo(trained, tmp_path, ScriptedRollout(), recipe=None)
    before = (tmp_path / "adapter" / "adapter_model.safetensors").read_bytes()
    again = ScriptedRollout()
    assert _grpo(trained, tmp_path, again, recipe=None) == STEPS
    assert again.calls == []
    assert (tmp_path / "adapter" / "adapter_model.safetensors").read_bytes() == before
    assert [row["step"] for row in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3, 4]


def test_every_step_asks_for_whole_groups_with_seeds_of_their_own(trained: Trained, tmp_path: Path) -> None:
    rollout = ScriptedRollout()
    _grpo(trained, tmp_path, rollout, recipe=None)
    for requests in rollout.calls:
        groups = [[request.generation for request in requests if request.task == task] for task in TASKS]
        assert sorted(map(len, groups)) == [0, 0, 4, 4]
        assert all(sorted(group) == [0, 1, 2, 3] for group in groups if group)
    seeds = [request.seed for requests in rollout.calls for request in requests]
    assert len(set(seeds)) == len(seeds)


def test_lost_trials_are_data(trained: Trained, tmp_path: Path) -> None:
    lost = ScriptedRollout(reward=lambda seed: (None, 0.0, 1.0)[seed % 3])
    _grpo(trained, tmp_path, lost, recipe=None)
    rows = read_metrics(tmp_path / "metrics.jsonl")
    expected = [sum(request.seed % 3 == 0 for request in requests) for requests in lost.calls]
    assert [row["failed_trials"] for row in rows] == expected
    assert all(math.isfinite(row["loss"]) for row in rows)


@pytest.mark.parametrize("reward", [0.0, 1.0, None], ids=["all fail", "all pass", "all lost"])
def test_rewards_that_never_differ_stop_the_run(trained: Trained, tmp_path: Path, reward: float | None) -> None:
    same = ScriptedRollout(reward=lambda seed: reward)
    with pytest.raises(TrainingError, match="no group's rewards differed"):
        _grpo(trained, tmp_path, same, recipe=_recipe(gates={"max_steps_without_variance": 2}))
    assert len(same.calls) == 2


def test_a_resumed_run_that_has_learned_already_is_not_taken_for_one_that_cannot(
    trained: Trained, tmp_path: Path
) -> None:
    recipe = _recipe(gates={"max_steps_without_variance": 2})

    def fail(now: int) -> None:
        if now == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _grpo(trained, tmp_path, ScriptedRollout(before_step=fail), recipe=recipe)
    assert _grpo(trained, tmp_path, ScriptedRollout(reward=lambda seed: 1.0), recipe=recipe) == 1


def test_weights_that_did_not_move_are_no_checkpoint(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="changed the adapter by"):
        _grpo(trained, tmp_path, ScriptedRollout(), recipe=_recipe(gates={"min_weight_change": 1e6}))


def test_fewer_tasks_than_a_step_holds_still_train(trained: Trained, tmp_path: Path) -> None:
    rollout = ScriptedRollout()
    _grpo(trained, tmp_path, rollout, tasks=("only",), recipe=None)
    assert {request.task for requests in rollout.calls for request in requests} == {"only"}
    seeds = [request.seed for requests in rollout.calls for request in requests]
    assert len(set(seeds)) == len(seeds)
