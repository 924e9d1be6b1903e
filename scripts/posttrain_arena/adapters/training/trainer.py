"""TRL's GRPO trainer, told which policy sampled what it is trained on."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # rollout_func is experimental; the pin in pyproject holds it

import torch
from trl import GRPOTrainer


class CorrectingTrainer(GRPOTrainer):  # type: ignore[misc]
    """Weighs every sampled token by how likely it is now over how likely it was when it was sampled, at most ``cap``.

    The sampler is behind the policy where rollouts run ahead, and another program computes it in other numbers.
    The truncated weight corrects for both (truncated importance sampling, Espeholt et al. 2018, arXiv 1802.01561); TRL
    does the same for a vLLM that it drives itself. ``cap`` None trusts the sampler to be the policy.
    """

    def __init__(self, *args: Any, cap: float | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cap = cap

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        output = super()._generate_and_score_completions(inputs)
        sampled = output.pop("sampling_per_token_logps", None)
        if self._cap is not None:
            self._correct(output, sampled, self._cap)
        return output

    def _correct(self, output: dict[str, torch.Tensor], sampled: torch.Tensor, cap: float) -> None:
        mask = output["completion_mask"] * output.get("tool_mask", 1)
        with torch.no_grad():
            now, _, _ = self._get_per_token_logps_and_entropies(
                self.model,
                torch.cat([output["prompt_ids"], output["completion_ids"]], dim=1),
                torch.cat([output["prompt_mask"], output["completion_mask"]], dim=1),
                output["completion_ids"].size(1),
                batch_size=self.args.per_device_train_batch_size,
            )
        weight = torch.exp(torch.where(mask.bool(), now - sampled, 0.0))
        output["advantages"] = output["advantages"].unsqueeze(1) * weight.clamp(max=cap)
        tokens = mask.sum().clamp(min=1)
        self._note("sampler_kl", ((sampled - now) * mask).sum() / tokens)
        self._note("weights_capped", ((weight > cap) * mask).sum() / tokens)

    def _note(self, name: str, value: torch.Tensor) -> None:
        self._metrics["train"][name].append(self.accelerator.gather(value).nanmean().item())
