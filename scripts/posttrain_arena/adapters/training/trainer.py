"""TRL's GRPO trainer, told which policy sampled what it is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from trl import GRPOTrainer


def pad_apart(tokenizer: Any, sequences: Iterable[Sequence[int]]) -> None:
    """Have the tokenizer pad with a token that is in none of the sequences.

    Unsloth tells padding by its id, wherever it stands: what a policy sampled may have it too, and would be moved.
    """
    used = {token for sequence in sequences for token in sequence}
    if tokenizer.pad_token_id in used:
        free = next(token for token in reversed(range(len(tokenizer))) if token not in used)
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(free)


def take_whole(model: Any, prompts: Iterable[Sequence[int]], completions: Iterable[Sequence[int]]) -> None:
    """Have the model take a step's columns: the longest prompt's and, behind them, the longest completion's.

    Where those are of two trials a step is wider than the context that each trial keeps to. Unsloth's forward pass cuts
    what is beyond ``max_seq_length``, padding by then, but its loss counts columns from the end and would train on
    other tokens. To load the model for twice the context instead might stretch its positions.
    """
    columns = max(map(len, prompts)) + max(map(len, completions))
    for module in model.modules():
        if getattr(module, "max_seq_length", columns) < columns:
            module.max_seq_length = columns


def correction(cap: float | None) -> dict[str, Any]:
    """Return what a ``CorrectingTrainer`` needs in its GRPOConfig to weigh tokens by at most ``cap``, None by 1."""
    return {
        "vllm_importance_sampling_correction": cap is not None,
        "vllm_importance_sampling_mode": "token_truncate",
        "vllm_importance_sampling_clip_max": cap,
    }


class CorrectingTrainer(GRPOTrainer):  # type: ignore[misc]
    """Weighs every sampled token by how likely it is now over how likely it was when it was sampled, at most a cap.

    The sampler is behind the policy where rollouts run ahead, and another program computes it in other numbers.
    The truncated weight corrects for both (truncated importance sampling, Espeholt et al. 2018, arXiv 1802.01561). It
    is what the loss, TRL's or Unsloth's, has for a vLLM that the trainer drives itself: once it is made, the trainer is
    told that it has one, except where it would generate with it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.use_vllm = self.vllm_importance_sampling_correction

    def _generate(self, prompts: Any) -> Any:
        self.use_vllm = False
        try:
            return super()._generate(prompts)
        finally:
            self.use_vllm = self.vllm_importance_sampling_correction

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        output = super()._generate_and_score_completions(inputs)
        mask = output["completion_mask"] * output["tool_mask"]
        tokens = mask.sum().clamp(min=1)
        sampled = output["sampling_per_token_logps"]
        self._note(_SURPRISE, -(sampled * mask).sum() / tokens)
        if self.use_vllm:
            gap = (completion_logps(output["old_per_token_logps"], output) - sampled) * mask
            self._note("sampler_kl", -gap.sum() / tokens)
            self._note("weights_capped", ((gap.exp() > self.vllm_importance_sampling_clip_max) * mask).sum() / tokens)
        return output

    def log(self, logs: dict[str, float], *args: Any) -> None:
        """Take the mean surprise of the sampled tokens for the entropy where the loss measures none, as Unsloth's."""
        measured = self._metrics["train"]
        surprise = measured.pop(_SURPRISE, None)
        if surprise and "entropy" not in measured:
            measured["entropy"] = surprise
        super().log(logs, *args)

    def _note(self, name: str, value: torch.Tensor) -> None:
        self._metrics["train"][name].append(self.accelerator.gather(value).nanmean().item())


_SURPRISE = "surprise"
"""-log p of what was sampled: its mean is the sampler's entropy, but for the draw."""


def completion_logps(logps: torch.Tensor, output: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return log-probabilities of completions as TRL has them, [sequences, tokens].

    Unsloth's are [sequences, tokens + the widest padding]: it moves the padding of prompts behind the completions, and
    keeps as many columns before the end as that takes.
    """
    length = output["completion_ids"].size(1)
    widest = logps.size(1) - length
    if not widest:
        return logps
    padding = (output["prompt_mask"] == 0).sum(dim=1, keepdim=True)
    return logps.gather(1, widest - padding + torch.arange(length, device=logps.device))
