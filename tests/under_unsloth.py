"""Run the small SFT and GRPO of the tests by Unsloth's trainers, on a CPU: ``under_unsloth.py BASE ADAPTER OUT CAP``.

What needs a GPU stays out: Unsloth's kernels and its way of loading a model. The model is peft's on transformers.
``CAP`` is grpo/importance_cap, or "none".
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from fakes import ScriptedRollout
from small_training import TASKS, Trained, run_small_grpo, small_recipe

from posttrain_arena.core.training.plan import RolloutRequest
from posttrain_arena.core.training.sequences import sampled_sequence
from posttrain_arena.model.recipe import Recipe


def recipe_of(backend: str, cap: float | None) -> Recipe:
    """Return a recipe that packs demonstrations, and cuts GRPO's batches in parts."""
    return small_recipe(
        trainer={"backend": backend, "micro_batch": 2},
        sft={"packing": True, "max_length": 64},
        grpo={"importance_cap": cap},
        gates={"max_sampler_kl": 1e3},
    )


def train(base: Path, adapter: Path, out: Path, recipe: Recipe) -> None:
    """Write what SFT gives to ``out/sft``, what GRPO makes of ``adapter`` to ``out/grpo``."""
    from posttrain_arena.adapters.training.sft import SftRun, run_sft

    requests = [RolloutRequest(step=0, task=task, generation=0, seed=seed) for seed, task in enumerate(TASKS)]
    trials = [ScriptedRollout().act(request, 0) for request in requests]
    shown = {trial.task: [sequence] for trial in trials if (sequence := sampled_sequence(trial))}
    run_sft(SftRun(base=base, demonstrations=shown, recipe=recipe, seed=0), out=out / "sft")
    trained = Trained(base=base, sft=adapter.parent, demonstrations={})
    run_small_grpo(trained, out / "grpo", ScriptedRollout(), recipe=recipe)


def patch() -> None:
    """Replace TRL's trainers as ``import unsloth`` does on a GPU, and load models without Unsloth's kernels."""
    os.environ["UNSLOTH_ALLOW_CPU"] = "1"  # Unsloth's own switch for tests, which leaves TRL alone
    os.environ["UNSLOTH_COMPILE_DISABLE"] = "1"
    os.environ["UNSLOTH_MIXED_PRECISION"] = "bfloat16"  # has it compute in the numbers of the weights
    from unsloth import FastLanguageModel
    from unsloth.models.rl import PatchFastRL

    os.environ["UNSLOTH_ALLOW_CPU"] = "0"
    PatchFastRL(FastLanguageModel=FastLanguageModel)

    from trl import GRPOTrainer, SFTTrainer

    from posttrain_arena.adapters.training import policy

    assert (GRPOTrainer.__name__, SFTTrainer.__name__) == ("UnslothGRPOTrainer", "UnslothSFTTrainer")

    def load(base: Path, recipe: object, adapter: Path | None, *, seed: int) -> Any:
        model = policy.load_policy(base, small_recipe(), adapter, seed=seed)
        type(model).for_training = lambda self, **_: self.train()
        type(model).for_inference = lambda self, **_: self.eval()
        return model

    policy.unsloth_policy = load


if __name__ == "__main__":
    patch()
    base, adapter, out = (Path(name) for name in sys.argv[1:4])
    train(base, adapter, out, recipe_of("unsloth", None if sys.argv[4] == "none" else float(sys.argv[4])))
