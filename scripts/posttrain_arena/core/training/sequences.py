"""Token sequences for training, from trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from posttrain_arena.model.trial import ToolCall, Trial, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSequence:
    """One episode. The last three have the length of ``completion_ids``; ``loss_mask`` is 1 where the model wrote."""

    prompt_ids: tuple[int, ...]
    completion_ids: tuple[int, ...]
    loss_mask: tuple[int, ...]
    logprobs: tuple[float, ...]


class Tokens(Protocol):
    """The part of ``adapters.chat_tokens.ChatTokens`` that renders a finished conversation."""

    def prompt(self, text: str, tools: tuple[dict[str, object], ...]) -> list[int]:
        """Return the ids of the opening."""
        ...

    def assistant(self, content: str, calls: tuple[ToolCall, ...]) -> list[int]:
        """Return the ids of a model's message."""
        ...

    def tool_results(self, contents: tuple[str, ...]) -> list[int]:
        """Return the ids of tool results."""
        ...


def sampled_sequence(trial: Trial) -> TokenSequence | None:
    """Return exactly what the policy saw and sampled in a trial; None where the trial has no sampled token.

    Of a trial with several contexts (scenes, roles, cut output) it is the one in which most was sampled, of equal
    ones the latest: no model ever saw two of them as one sequence.
    """
    contexts: dict[int, list[Turn]] = {}
    for turn in trial.trajectory:
        contexts.setdefault(turn.context, []).append(turn)
    sequences = [_sequence(turns) for turns in contexts.values()]
    best = max(reversed(sequences), key=lambda sequence: sum(sequence.loss_mask), default=None)
    return best if best is not None and any(best.loss_mask) else None


def _sequence(turns: Sequence[Turn]) -> TokenSequence:
    """Join the turns of one context: its prompt is what came before the model's first message."""
    start = next((index for index, turn in enumerate(turns) if turn.role == "assistant"), len(turns))
    ids: list[int] = []
    mask: list[int] = []
    logprobs: list[float] = []
    for turn in turns[start:]:
        tokens = turn.token_ids or ()
        ids += tokens
        mask += [int(turn.role == "assistant")] * len(tokens)
        logprobs += turn.logprobs if turn.logprobs is not None else [0.0] * len(tokens)
    return TokenSequence(
        prompt_ids=tuple(token for turn in turns[:start] for token in turn.token_ids or ()),
        completion_ids=tuple(ids),
        loss_mask=tuple(mask),
        logprobs=tuple(logprobs),
    )


def demonstrated_sequence(trial: Trial, tokens: Tokens, tools: tuple[dict[str, object], ...]) -> TokenSequence:
    """Render a demonstration (a trial whose turns carry no token ids) as a model would have sampled it."""
    ids: list[int] = []
    mask: list[int] = []
    for turn in trial.trajectory[1:]:
        wrote = turn.role == "assistant"
        part = tokens.assistant(turn.content, turn.tool_calls) if wrote else tokens.tool_results((turn.content,))
        ids += part
        mask += [int(wrote)] * len(part)
    return TokenSequence(
        prompt_ids=tuple(tokens.prompt(trial.trajectory[0].content, tools)),
        completion_ids=tuple(ids),
        loss_mask=tuple(mask),
        logprobs=(0.0,) * len(ids),
    )
