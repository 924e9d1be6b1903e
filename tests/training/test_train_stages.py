"""SFT and GRPO on a model of a few thousand weights: what they write, where they stop, how they go on after a kill."""

from __future__ import annotations

import copy
import itertools
import math
import multiprocessing
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import InMemoryEngine, ScriptedRollout
from safetensors.torch import load_file

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.embedded import build_base
from posttrain_arena.adapters.training.policy import weight_change
from posttrain_arena.cli.new_family import FAMILIES
from posttrain_arena.core.check.read import read_package
from posttrain_arena.core.families import Draw, render_family
from posttrain_arena.core.training.metrics import read_metrics
from posttrain_arena.core.training.sequences import TokenSequence, demonstrated_sequences, sampled_sequence
from posttrain_arena.core.trial.agents import StepwiseOracle
from posttrain_arena.core.trial.runner import TrialRequest, run_trial
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.errors import TrainingError
from posttrain_arena.model import documents
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.trial import Trial

if TYPE_CHECKING:
    from posttrain_arena.adapters.training.sft import SftResult

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
    demonstrations: dict[str, list[TokenSequence]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    root = tmp_path_factory.mktemp("trained")
    recipe = _recipe()
    build_base(recipe.model.embedded, out=root / "base")
    packages = render_family(FAMILIES / "copy-colour", Draw(split="train", count=3, seed=0), out=root / "tasks")
    tasks = [task for path in packages if (task := read_package(path, root=root)[0]) is not None]
    assert len(tasks) == 3
    trials = [run_trial(TrialRequest(task=task, agent=StepwiseOracle()), InMemoryEngine()) for task in tasks]
    tokens = ChatTokens.load(root / "base")
    demonstrations = {trial.task: demonstrated_sequences(trial, tokens, TOOLS) for trial in trials}
    run_sft(SftRun(base=root / "base", demonstrations=demonstrations, recipe=recipe, seed=0), out=root / "sft")
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
        actor=rollout,
        recipe=recipe or _recipe(),
        seed=3,
    )
    return run_grpo(run, out=out).resumed_from_step


def test_sft_writes_an_adapter_and_a_row_per_step(trained: Trained) -> None:
    rows = read_metrics(trained.sft / "metrics.jsonl")
    assert [row["step"] for row in rows] == [1, 2]
    assert all(math.isfinite(row["loss"]) for row in rows)
    assert (trained.sft / "adapter" / "adapter_model.safetensors").is_file()


def test_sft_loss_falls_on_the_assistants_tokens_alone(trained: Trained) -> None:
    """The first loss TRL reports is the mean over the taught tokens, computed here by hand."""
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    sequence = next(iter(trained.demonstrations.values()))[0]
    out = trained.sft.parent / "one"
    recipe = _recipe(sft={"steps": 1, "batch_size": 1})
    run_sft(SftRun(base=trained.base, demonstrations={"one": [sequence]}, recipe=recipe, seed=0), out=out)
    assert read_metrics(out / "metrics.jsonl")[0]["loss"] == pytest.approx(_loss(trained, sequence), rel=1e-3)


def _sft(trained: Trained, out: Path, **changes: Any) -> SftResult:
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    shown = changes.pop("demonstrations", trained.demonstrations)
    sft = {"steps": 6, "warmup_steps": 0, "validation_share": 0.34, "evaluate_every": 2, **changes}
    return run_sft(SftRun(base=trained.base, demonstrations=shown, recipe=_recipe(sft=sft), seed=0), out=out)


def test_sft_keeps_the_weights_of_the_least_validation_loss(trained: Trained, tmp_path: Path) -> None:
    from posttrain_arena.adapters.training.sft import validation_losses

    result = _sft(trained, tmp_path, select="validation", learning_rate=3.0)
    losses = validation_losses(tmp_path / "metrics.jsonl")
    assert set(losses) == {0, 2, 4, 6}
    assert losses[result.step] == result.validation_loss == min(losses.values())
    assert losses[6] > min(losses.values()), "at such a rate the last step is not the best"
    assert weight_change(result.adapter, tmp_path / "best") == 0.0
    assert result.sequences == 2


def test_sft_that_only_hurts_leaves_the_model_as_it_was(trained: Trained, tmp_path: Path) -> None:
    """Every task says another token: what teaches the others makes the one that is kept out less likely."""
    shown = {
        str(token): [
            TokenSequence(prompt_ids=(1,), completion_ids=(token,) * 8, loss_mask=(1,) * 8, logprobs=(0.0,) * 8)
        ]
        for token in (60, 70, 80)
    }
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

    recipe = _recipe(sft={"steps": 6, "warmup_steps": 0, "evaluate_every": 2})
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

    with pytest.raises(TrainingError, match="no demonstration passed"):
        run_sft(SftRun(base=trained.base, demonstrations={}, recipe=_recipe(), seed=0), out=tmp_path)


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


def test_lost_trials_are_counted_and_teach_nothing(trained: Trained, tmp_path: Path) -> None:
    lost = ScriptedRollout(reward=lambda seed: (None, 0.0, 1.0)[seed % 3])
    _grpo(trained, tmp_path, lost, recipe=_recipe(gates={"max_lost_share": 1.0}))
    rows = read_metrics(tmp_path / "metrics.jsonl")
    expected = [sum(request.seed % 3 == 0 for request in requests) for requests in lost.calls]
    assert [row["failed_trials"] for row in rows] == expected
    assert all(math.isfinite(row["loss"]) for row in rows)


def test_a_machine_that_loses_the_trials_stops_the_run_and_not_the_next(trained: Trained, tmp_path: Path) -> None:
    def gone(now: int) -> None:
        if now == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _grpo(trained, tmp_path, ScriptedRollout(before_step=gone), recipe=None)
    with pytest.raises(TrainingError, match=r"step 3: the infrastructure lost 8 of 8 trials \(engine\)"):
        _grpo(trained, tmp_path, ScriptedRollout(reward=lambda seed: None), recipe=None)
    assert _grpo(trained, tmp_path, ScriptedRollout(), recipe=None) == 2


@pytest.mark.parametrize("reward", [0.0, 1.0], ids=["all fail", "all pass"])
def test_rewards_that_never_differ_stop_the_run(trained: Trained, tmp_path: Path, reward: float) -> None:
    same = ScriptedRollout(reward=lambda seed: reward)
    with pytest.raises(TrainingError, match="no group's rewards differed"):
        _grpo(trained, tmp_path, same, recipe=_recipe(gates={"max_steps_without_variance": 2}))
    assert len(same.calls) == 2


def test_a_solved_run_ends_early_and_stays_ended(trained: Trained, tmp_path: Path) -> None:
    recipe = _recipe(grpo={"stop_after_solved_steps": 2}, gates={"min_weight_change": 1e-9})
    solving = ScriptedRollout(reward=lambda seed: 1.0)

    def half(seed: int) -> float:
        return 1.0 if len(solving.calls) > 1 else float(seed % 2)

    solving = ScriptedRollout(reward=half)
    _grpo(trained, tmp_path, solving, recipe=recipe)
    assert [row["step"] for row in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3]
    again = ScriptedRollout()
    assert _grpo(trained, tmp_path, again, recipe=recipe) == 3
    assert again.calls == []


def test_a_batch_in_parts_gives_the_same_update(trained: Trained, tmp_path: Path) -> None:
    for name, micro in (("whole", None), ("parts", 2)):
        changes = {"trainer": {"micro_batch": micro}, "grpo": {"importance_cap": 4.0}}
        recipe = _recipe(**changes, gates={"max_sampler_kl": 1e3})
        _grpo(trained, tmp_path / name, ScriptedRollout(), recipe=recipe)
    assert weight_change(tmp_path / "whole" / "adapter", tmp_path / "parts" / "adapter") < 1e-4
    moved = weight_change(trained.sft / "adapter", tmp_path / "parts" / "adapter")
    assert moved > 1e-2, "the parts are equal because both learned"


def test_a_batch_that_does_not_part_evenly_is_refused(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="a batch of 8 sequences does not part into 3 on each of 1 devices"):
        _grpo(trained, tmp_path, ScriptedRollout(), recipe=_recipe(trainer={"micro_batch": 3}))


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

    _grpo(trained, tmp_path / "roomy", ScriptedRollout(), recipe=None)
    monkeypatch.setattr(CorrectingTrainer, "_compute_loss", hungry)
    _grpo(trained, tmp_path / "tight", ScriptedRollout(), recipe=None)
    rows = read_metrics(tmp_path / "tight" / "metrics.jsonl")
    assert [(row["step"], row["micro_batch"]) for row in rows] == [(1, 8), (2, 2), (3, 2), (4, 2)]
    assert weight_change(tmp_path / "roomy" / "adapter", tmp_path / "tight" / "adapter") < 1e-4


def _one_of_two(trained: Trained, out: Path, rank: int, port: int) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    rollout = ScriptedRollout()
    _grpo(trained, out, rollout, recipe=_recipe(trainer={"micro_batch": 2}))
    documents.write_bytes(out / f"asked-by-{rank}", str(len(rollout.versions)).encode())


def test_two_processes_train_as_one_and_one_of_them_has_the_trials_run(trained: Trained, tmp_path: Path) -> None:
    _grpo(trained, tmp_path / "one", ScriptedRollout(), recipe=None)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    spawn = multiprocessing.get_context("spawn")
    out = tmp_path / "two"
    processes = [spawn.Process(target=_one_of_two, args=(trained, out, rank, port)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=240)
    assert [process.exitcode for process in processes] == [0, 0]
    assert [(out / f"asked-by-{rank}").read_text(encoding="utf-8") for rank in range(2)] == ["32", "0"]
    assert weight_change(tmp_path / "one" / "adapter", out / "adapter") < 1e-4
    assert [row["step"] for row in read_metrics(out / "metrics.jsonl")] == [1, 2, 3, 4]


@pytest.mark.parametrize("staleness", [0, 2])
def test_a_killed_run_with_rollouts_ahead_goes_on_with_the_same_trials(
    trained: Trained, tmp_path: Path, staleness: int
) -> None:
    recipe = _recipe(grpo={"max_staleness": staleness, "importance_cap": 4.0}, gates={"max_sampler_kl": 1e3})

    def fail(now: int) -> None:
        if now == 1:
            raise KeyboardInterrupt

    straight, cut, resumed = ScriptedRollout(), ScriptedRollout(before_step=fail), ScriptedRollout()
    _grpo(trained, tmp_path / "straight", straight, recipe=recipe)
    with pytest.raises(KeyboardInterrupt):
        _grpo(trained, tmp_path / "cut", cut, recipe=recipe)
    done = _grpo(trained, tmp_path / "cut", resumed, recipe=recipe)
    assert resumed.versions == {
        request: version for request, version in straight.versions.items() if request.step >= done
    }
    assert weight_change(tmp_path / "straight" / "adapter", tmp_path / "cut" / "adapter") < 1e-5
    rows = read_metrics(tmp_path / "cut" / "metrics.jsonl")
    assert [row["staleness"] for row in rows] == [min(step, staleness) for step in range(STEPS)]


def test_a_token_weighs_as_much_as_it_is_likelier_now_up_to_the_cap(trained: Trained, tmp_path: Path) -> None:
    """The scripted sampler calls every token e^-1 likely: the weights are e^(1 + log p), their mean gap is known."""
    recipe = _recipe(grpo={"importance_cap": 1.0}, gates={"max_sampler_kl": 1e3})
    rollout = ScriptedRollout()
    _grpo(trained, tmp_path, rollout, recipe=recipe)
    row = read_metrics(tmp_path / "metrics.jsonl")[0]
    logprobs = _logprobs(trained, [rollout.act(request, 0) for request in rollout.calls[0]])
    assert row["sampler_kl"] == pytest.approx(-1.0 - sum(logprobs) / len(logprobs), rel=1e-4)
    assert row["weights_capped"] == pytest.approx(sum(value > -1.0 for value in logprobs) / len(logprobs), abs=1e-6)


def _logprobs(trained: Trained, trials: list[Trial]) -> list[float]:
    """Return the policy's log-probability of every sampled token of the trials, worked out one by one."""
    import torch

    from posttrain_arena.adapters.training.policy import load_policy

    model = load_policy(trained.base, _recipe(), trained.sft / "adapter", seed=0).eval()
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
