"""The embedded reference agent: the embedded base model, taught to read skills and nothing that a skill could say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.embedded import build_base, build_tokenizer
from posttrain_arena.adapters.training.skill_lessons import Episode, LessonBook, lesson_phrases
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model.reference_agent import Lessons, TaughtModel


def build_reader(
    model: TaughtModel,
    *,
    out: Path,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Build, pre-train, teach and save the model to ``out``; return the last loss (nats per own token)."""
    phrases = (*_system_pieces(), *lesson_phrases(model.lessons), *model.base.phrases)
    build_base(replace(model.base, phrases=phrases), out=out)
    reader = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32)
    loss = _teach(reader, model.lessons, ChatTokens.load(out), on_step)
    reader.save_pretrained(out)
    return loss


def _system_pieces() -> list[str]:
    """Return what the chat template writes around a system message, which is most of a short conversation's tokens."""
    messages = [{"role": "system", "content": "\0"}, {"role": "user", "content": ""}]
    rendered: str = build_tokenizer([]).apply_chat_template(messages, tools=list(TOOLS), tokenize=False)
    before, after = rendered.split("\0")
    return [before.removeprefix("<|im_start|>"), after.partition("<|im_end|>")[0]]


def _teach(
    reader: torch.nn.Module, lessons: Lessons, tokens: ChatTokens, on_step: Callable[[int, float], None]
) -> float:
    book = LessonBook(lessons, tokens)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=lessons.learning_rate, weight_decay=0.0)
    value = float("nan")
    reader.train()
    for step in range(1, lessons.steps + 1):
        rate = min(1.0, step / max(1, lessons.warmup_steps)) * (1.0 - 0.9 * step / lessons.steps)
        for group in optimizer.param_groups:
            group["lr"] = lessons.learning_rate * rate
        ids, mask, labels = _batch([book.draw() for _ in range(lessons.batch_size)])
        loss = reader(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        value = float(loss.detach())
        on_step(step, value)
    return value


def _batch(episodes: Sequence[Episode]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return ids, attention mask and labels; what the agent did not write is no label."""
    longest = max(len(episode.ids) for episode in episodes)
    ids, mask, labels = [], [], []
    for episode in episodes:
        rest = longest - len(episode.ids)
        ids.append([*episode.ids, *[0] * rest])
        mask.append([1] * len(episode.ids) + [0] * rest)
        own = [token if own else -100 for token, own in zip(episode.ids, episode.own, strict=True)]
        labels.append([*own, *[-100] * rest])
    return torch.tensor(ids), torch.tensor(mask), torch.tensor(labels)
