"""The embedded base model: a tiny Qwen3, built from a configuration and a seed, that can copy and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model.recipe import EmbeddedModel, Pretraining

_PAD, _END = "<|endoftext|>", "<|im_end|>"
_SPECIAL = (_PAD, "<|im_start|>", _END)
_SHORTEST_PERIOD, _LONGEST_PERIOD, _LENGTH = 2, 10, 32
"""Tokens of what pre-training repeats, and of the whole sequence. Many short repetitions make a model that copies any
word; one long repetition (6 to 24 tokens, twice) left one that copied only the words it was then fine-tuned on."""


def build_tokenizer(phrases: Iterable[str]) -> PreTrainedTokenizerFast:
    """Return a byte-level tokenizer with Qwen3's chat template and each of ``phrases`` as one token.

    The constant parts of the template are single tokens too, so that an episode has tens of tokens and not
    hundreds: small enough to learn on one CPU core. Any other text falls back to its bytes.
    """
    template = (resources.files("trl") / "chat_templates" / "qwen3.jinja").read_text(encoding="utf-8")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={char: index for index, char in enumerate(alphabet)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    constant = [*_template_parts(template), *phrases]
    core.add_tokens([AddedToken(part, normalized=False) for part in dict.fromkeys(constant)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token=_END,
        pad_token=_PAD,
        chat_template=template,
        padding_side="left",
    )


def build_base(
    config: EmbeddedModel,
    *,
    out: Path,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Build, pre-train and save model and tokenizer to ``out``; return the last loss (nats per token)."""
    torch.set_num_threads(1)  # two threads are several times slower on matrices this small
    torch.manual_seed(config.pretraining.seed)
    tokenizer = build_tokenizer(config.phrases)
    model = Qwen3ForCausalLM(_model_config(config, tokenizer))
    words = range(len(tokenizer) - len(tokenizer.get_added_vocab()) + len(_SPECIAL), len(tokenizer))
    loss = _pretrain(model, config.pretraining, words, on_step)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return loss


def _pretrain(model: Any, settings: Pretraining, words: range, on_step: Callable[[int, float], None]) -> float:
    """Teach the model to repeat random sequences of its words: copying is what the tasks build on."""
    generator = torch.Generator().manual_seed(settings.seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=0.0)
    value = float("nan")
    model.train()
    for step in range(1, settings.steps + 1):
        for group in optimizer.param_groups:
            warm = min(1.0, step / max(1, settings.warmup_steps))
            group["lr"] = settings.learning_rate * warm * (1.0 - 0.9 * step / settings.steps)
        period = int(torch.randint(_SHORTEST_PERIOD, _LONGEST_PERIOD + 1, (1,), generator=generator))
        once = torch.randint(words.start, words.stop, (settings.batch_size, period), generator=generator)
        ids = once.repeat(1, max(2, _LENGTH // period))
        labels = ids.clone()
        labels[:, :period] = -100
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        value = float(loss.detach())
        on_step(step, value)
    return value


def _model_config(config: EmbeddedModel, tokenizer: PreTrainedTokenizerFast) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=config.hidden,
        intermediate_size=config.intermediate,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=config.heads,
        head_dim=config.head_dim,
        max_position_embeddings=config.context,
        initializer_range=config.initializer_range,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        use_sliding_window=False,
        dtype="float32",
    )


def _template_parts(template: str) -> list[str]:
    """Return the constant pieces of a rendered tool conversation."""
    plain = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), chat_template=template)
    rendered = plain.apply_chat_template([{"role": "user", "content": "U"}], tools=list(TOOLS), tokenize=False)
    system = re.split(r"<\|im_start\|>|<\|im_end\|>", rendered)[1]
    return [
        system,
        "user\n",
        "assistant\n",
        "<think>\n\n</think>\n\n",
        '<tool_call>\n{"name": "bash", "arguments": {"command": "',
        '"}}\n</tool_call>',
        '<tool_call>\n{"name": "submit", "arguments": {}}\n</tool_call>',
        "<tool_response>\n",
        "\n</tool_response>",
    ]
