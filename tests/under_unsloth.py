"""Run the small GRPO of the tests by Unsloth's trainer, on a CPU: ``under_unsloth.py BASE ADAPTER OUT CAP``.

What needs a GPU stays out: Unsloth's kernels and its way of loading a model. The model is peft's on transformers.
``CAP`` is grpo/importance_cap, or "none".
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ["UNSLOTH_ALLOW_CPU"] = "1"  # Unsloth's own switch for tests; it leaves TRL alone, which patch() makes up for
os.environ["UNSLOTH_COMPILE_DISABLE"] = "1"
os.environ["UNSLOTH_MIXED_PRECISION"] = "bfloat16"  # has it compute in the numbers of the weights


def patch() -> None:
    """Replace TRL's trainers as ``import unsloth`` does on a GPU."""
    from unsloth import FastLanguageModel
    from unsloth.models.rl import PatchFastRL

    os.environ["UNSLOTH_ALLOW_CPU"] = "0"
    PatchFastRL(FastLanguageModel=FastLanguageModel)


def main(base: Path, adapter: Path, out: Path, cap: str) -> None:
    """Train; ``out`` is then as ``run_grpo`` leaves it."""
    patch()
    from small_training import Trained, run_small_grpo, small_recipe
    from trl import GRPOTrainer

    from posttrain_arena.adapters.training import policy

    assert GRPOTrainer.__name__ == "UnslothGRPOTrainer"

    def load(base: Path, recipe: object, adapter: Path | None, *, seed: int) -> Any:
        model = policy.load_policy(base, small_recipe(), adapter, seed=seed)
        type(model).for_training = lambda self, **_: self.train()
        type(model).for_inference = lambda self, **_: self.eval()
        return model

    policy.unsloth_policy = load
    recipe = small_recipe(
        trainer={"backend": "unsloth"},
        grpo={"importance_cap": None if cap == "none" else float(cap)},
        gates={"max_sampler_kl": 1e3},
    )
    from fakes import ScriptedRollout

    run_small_grpo(Trained(base=base, sft=adapter.parent, demonstrations={}), out, ScriptedRollout(), recipe=recipe)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
