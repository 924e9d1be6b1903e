"""What the importance correction reads: log-probabilities in either layout, and padding that nobody wrote."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.training


def test_log_probabilities_are_found_where_unsloth_lays_them() -> None:
    """Unsloth moves the padding of prompts behind the completions, and keeps the columns that then hold any of them."""
    import torch

    from posttrain_arena.adapters.training.trainer import completion_logps

    prompts = [[1], [1, 2, 3], [1, 2]]
    completions = torch.tensor([[11, 12, 13, 14], [21, 22, 23, 24], [31, 32, 33, 34]])
    mask = torch.tensor([[0] * (3 - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    output = {"prompt_mask": mask, "completion_ids": completions}
    packed = [
        [*prompt, *row.tolist(), *[0] * (3 - len(prompt))] for prompt, row in zip(prompts, completions, strict=True)
    ]
    widest = 2
    found = completion_logps(torch.tensor(packed)[:, -(4 + widest) :], output)
    assert torch.equal(found, completions)
    assert torch.equal(completion_logps(completions, output), completions), "TRL's are as long as the completions"


def test_padding_is_a_token_that_nobody_wrote() -> None:
    from posttrain_arena.adapters.training.embedded import build_tokenizer
    from posttrain_arena.adapters.training.trainer import pad_apart

    tokenizer = build_tokenizer(["cat "])
    usual, last = tokenizer.pad_token_id, len(tokenizer) - 1
    pad_apart(tokenizer, [[1, 2], [3]])
    assert tokenizer.pad_token_id == usual
    pad_apart(tokenizer, [[1, usual], [last]])
    assert tokenizer.pad_token_id not in (1, usual, last)


def test_a_model_takes_the_longest_prompt_and_the_longest_completion_together() -> None:
    """Unsloth gives every module a length; where they already take more, or have none, nothing changes."""
    import torch

    from posttrain_arena.adapters.training.trainer import take_whole

    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    model[0].max_seq_length, model[1].max_seq_length = 5, 9
    take_whole(model, [[1], [1] * 4], [[1] * 4, [1]])
    assert [getattr(layer, "max_seq_length", None) for layer in model] == [8, 9, None]
