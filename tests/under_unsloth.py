"""Run the small SFT and GRPO of the tests by Unsloth's trainers, on a CPU: ``under_unsloth.py BASE ADAPTER OUT CASE``.

What needs a GPU stays out: Unsloth's kernels and its way of loading a model. The model is peft's on transformers, and
cuts what is longer than its ``max_seq_length`` as Unsloth's would.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes import ScriptedRollout
from small_training import TASKS, Trained, run_small_grpo, small_recipe

from posttrain_arena.core.training.plan import RolloutRequest
from posttrain_arena.core.training.sequences import sampled_sequence
from posttrain_arena.model.recipe import Recipe
from posttrain_arena.model.trial import Trial, Turn

FULL = 32


class FullContexts(ScriptedRollout):
    """Trials of FULL tokens each, most of them the prompt's or most of them sampled."""

    def act(self, request: RolloutRequest, version: int) -> Trial:
        trial = super().act(request, version)
        prompt = 2 + request.seed % (FULL - 4)
        ids = tuple((request.seed + place) % 256 for place in range(FULL))
        sampled, logprobs = ids[prompt:], (-1.0,) * (FULL - prompt)
        turns = (
            Turn(role="user", content="", token_ids=ids[:prompt]),
            Turn(role="assistant", content="", token_ids=sampled, logprobs=logprobs),
        )
        return dataclasses.replace(trial, trajectory=turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is trained: grpo/importance_cap, sequences at once, the longest sequence, and the trials."""

    cap: float | None
    micro: int = 2
    context: int = 64
    rollout: type[ScriptedRollout] = ScriptedRollout

    def recipe(self, backend: str) -> Recipe:
        """Return a recipe that packs demonstrations, and cuts GRPO's batches in parts."""
        recipe = small_recipe(
            trainer={"backend": backend, "micro_batch": self.micro},
            sft={"packing": True, "max_length": self.context},
            grpo={"importance_cap": self.cap},
            gates={"max_sampler_kl": 1e3},
        )
        embedded = dataclasses.replace(recipe.model.embedded, context=self.context)
        return dataclasses.replace(recipe, model=dataclasses.replace(recipe.model, embedded=embedded))

    def train(self, backend: str, base: Path, adapter: Path, out: Path) -> None:
        """Write what SFT gives to ``out/sft``, what GRPO makes of ``adapter`` to ``out/grpo``."""
        from posttrain_arena.adapters.training.sft import SftRun, run_sft

        recipe = self.recipe(backend)
        requests = [RolloutRequest(step=0, task=task, generation=0, seed=seed) for seed, task in enumerate(TASKS)]
        trials = [self.rollout().act(request, 0) for request in requests]
        shown = {trial.task: [sequence] for trial in trials if (sequence := sampled_sequence(trial))}
        run_sft(SftRun(base=base, demonstrations=shown, recipe=recipe, seed=0), out=out / "sft")
        trained = Trained(base=base, sft=adapter.parent, demonstrations={})
        run_small_grpo(trained, out / "grpo", self.rollout(), recipe=recipe)


CASES: Mapping[str, Case] = {
    "trusts the sampler": Case(cap=None),
    "corrects": Case(cap=4.0),
    "wider than the context": Case(cap=4.0, micro=1, context=FULL, rollout=FullContexts),
}
"""One sequence at once is never packed by Unsloth: the whole padded row goes through the model."""


def patch() -> None:
    """Replace TRL's trainers as ``import unsloth`` does on a GPU, and load models without Unsloth's kernels."""
    os.environ["UNSLOTH_ALLOW_CPU"] = "1"  # Unsloth's own switch for tests, which leaves TRL alone
    os.environ["UNSLOTH_COMPILE_DISABLE"] = "1"
    os.environ["UNSLOTH_MIXED_PRECISION"] = "bfloat16"  # has it compute in the numbers of the weights
    from unsloth import FastLanguageModel
    from unsloth.models.llama import LlamaModel_fast_forward
    from unsloth.models.rl import PatchFastRL

    os.environ["UNSLOTH_ALLOW_CPU"] = "0"
    PatchFastRL(FastLanguageModel=FastLanguageModel)

    from trl import GRPOTrainer, SFTTrainer

    from posttrain_arena.adapters.training import policy

    assert (GRPOTrainer.__name__, SFTTrainer.__name__) == ("UnslothGRPOTrainer", "UnslothSFTTrainer")

    assert "input_ids = input_ids[:, : self.max_seq_length]" in inspect.getsource(LlamaModel_fast_forward)

    def load(base: Path, recipe: Recipe, adapter: Path | None, *, seed: int) -> Any:
        model = policy.load_policy(base, small_recipe(), adapter, seed=seed)
        cut(model, recipe.model.context)
        type(model).for_training = lambda self, **_: self.train()
        type(model).for_inference = lambda self, **_: self.eval()
        return model

    policy.unsloth_policy = load


def cut(model: Any, max_seq_length: int) -> None:
    """Have a model take as many columns as its modules' ``max_seq_length``, which can be changed, unless packed."""
    for module in model.modules():
        module.max_seq_length = max_seq_length
    inner = model.get_base_model().model
    whole = inner.forward

    def forward(input_ids: Any = None, attention_mask: Any = None, **more: Any) -> Any:
        if "packed_seq_lengths" not in more:
            input_ids = input_ids[:, : inner.max_seq_length]
            attention_mask = None if attention_mask is None else attention_mask[:, : inner.max_seq_length]
        return whole(input_ids=input_ids, attention_mask=attention_mask, **more)

    inner.forward = forward


if __name__ == "__main__":
    patch()
    base, adapter, out = (Path(name) for name in sys.argv[1:4])
    CASES[sys.argv[4]].train("unsloth", base, adapter, out)
