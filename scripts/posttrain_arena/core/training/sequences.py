"""Token sequences for training, from trials."""

from __future__ import annotations

import itertools
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

    def prompt(self, text: str, tools: tuple[dict[str, object], ...], *, system: str = "") -> list[int]:
        """Return the ids of the opening."""
        ...

    def user_message(self, text: str) -> list[int]:
        """Return the ids of a later message of the user."""
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


def demonstrated_sequences(trial: Trial, tokens: Tokens, tools: tuple[dict[str, object], ...]) -> list[TokenSequence]:
    """Render a demonstration (its turns carry no token ids of ours) as a model would have sampled it.

    One sequence for each conversation (scene and role) in which the assistant wrote.
    """
    conversations: dict[tuple[str, str], list[Turn]] = {}
    for turn in trial.trajectory:
        if turn.role != "context":  # a teacher's cut of old output: we render the whole
            conversations.setdefault((turn.scene, turn.participant), []).append(turn)
    spoken = [turns for turns in conversations.values() if any(turn.role == "assistant" for turn in turns)]
    sequences = [_rendered(turns, tokens, tools) for turns in spoken]
    return [sequence for sequence in sequences if any(sequence.loss_mask)]


def _rendered(turns: Sequence[Turn], tokens: Tokens, tools: tuple[dict[str, object], ...]) -> TokenSequence:
    system = turns[0].content if turns[0].role == "system" else ""
    opening, *later = turns[1:] if system else turns
    ids: list[int] = []
    mask: list[int] = []
    for role, group in itertools.groupby(later, key=lambda turn: turn.role):
        for part in _parts(role, list(group), tokens):
            ids += part
            mask += [int(role == "assistant")] * len(part)
    return TokenSequence(
        prompt_ids=tuple(tokens.prompt(opening.content, tools, system=system)),
        completion_ids=tuple(ids),
        loss_mask=tuple(mask),
        logprobs=(0.0,) * len(ids),
    )


def _parts(role: str, turns: Sequence[Turn], tokens: Tokens) -> list[list[int]]:
    if role == "assistant":
        return [tokens.assistant(turn.content, turn.tool_calls) for turn in turns]
    if role == "tool":
        return [tokens.tool_results(tuple(turn.content for turn in turns))]
    return [tokens.user_message(turn.content) for turn in turns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Sequences of bounded length, and what that cost: how many were cut, by how many tokens, how many are gone."""

    sequences: tuple[TokenSequence, ...]
    cut: int
    cut_tokens: int
    dropped: int


def fitted(sequences: Sequence[TokenSequence], max_length: int) -> Fitted:
    """Cut what is longer than ``max_length`` tokens at its end; drop what then has nothing that the model wrote."""
    kept, cut, cut_tokens, dropped = [], 0, 0, 0
    for sequence in sequences:
        over = max(0, len(sequence.prompt_ids) + len(sequence.completion_ids) - max_length)
        short = _shortened(sequence, over)
        if short is None:
            dropped += 1
            continue
        kept.append(short)
        cut, cut_tokens = cut + (over > 0), cut_tokens + over
    return Fitted(sequences=tuple(kept), cut=cut, cut_tokens=cut_tokens, dropped=dropped)


def _shortened(sequence: TokenSequence, over: int) -> TokenSequence | None:
    left = len(sequence.completion_ids) - over
    if left <= 0 or not any(sequence.loss_mask[:left]):
        return None
    return TokenSequence(
        prompt_ids=sequence.prompt_ids,
        completion_ids=sequence.completion_ids[:left],
        loss_mask=sequence.loss_mask[:left],
        logprobs=sequence.logprobs[:left],
    )
