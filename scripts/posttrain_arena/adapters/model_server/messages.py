"""Talk to a model by chat messages at any OpenAI-compatible endpoint; keep the ids and log-probabilities it gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import msgspec

from posttrain_arena.adapters.model_server.client import Sampling, TokenId
from posttrain_arena.adapters.model_server.endpoint import Endpoint, RefusedRequestError
from posttrain_arena.core.trial.context import Piece, cuts_to_fit
from posttrain_arena.core.trial.conversation import Opening, Reply, text_bound
from posttrain_arena.errors import ModelServerError
from posttrain_arena.model.trial import ToolCall

MESSAGE_TOKENS = 16
"""A bound on what a template writes around one message: marks, a role, a name."""

MAX_MESSAGE_CHARS = 10**6
"""A message that is longer kept to no ``max_tokens``: the server is broken, and the record would not be bounded."""

_EXTRAS = {"logprobs": True, "return_token_ids": True}
"""Asked for until a server refuses a request with them."""


class _Function(msgspec.Struct):
    name: str
    arguments: str | dict[str, Any] = ""


class _Call(msgspec.Struct):
    function: _Function
    id: str = ""


class _Message(msgspec.Struct):
    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Logprob(msgspec.Struct):
    logprob: float


class _Logprobs(msgspec.Struct):
    content: list[_Logprob] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None
    token_ids: list[TokenId] | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: TokenId
    completion_tokens: TokenId


class _Answer(msgspec.Struct):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]
    usage: _Usage | None = None
    prompt_token_ids: list[TokenId] | None = None


@dataclass(slots=True, kw_only=True)
class MessageChatModel:
    """A served model that takes chat messages; implements ``core.trial.conversation.ChatModel``."""

    endpoint: Endpoint
    model: str
    sampling: Sampling
    extras: bool = field(default=True, init=False)

    def start(self, opening: Opening, tools: Sequence[dict[str, Any]], *, seed: int) -> MessageConversation:
        """Begin a conversation whose sampling follows ``seed``."""
        return MessageConversation(self, opening, tools, seed)

    def complete(self, body: dict[str, Any], *, timeout_sec: float) -> _Answer:
        """Return the server's answer, asked for ids and log-probabilities as long as it takes such requests."""
        path = "/v1/chat/completions"
        if self.extras:
            try:
                return self.endpoint.ask(path, {**body, **_EXTRAS}, _Answer, timeout_sec=timeout_sec)
            except RefusedRequestError:
                answer = self.endpoint.ask(path, body, _Answer, timeout_sec=timeout_sec)
                self.extras = False  # only where the plain request is taken were the extras to blame
                return answer
        return self.endpoint.ask(path, body, _Answer, timeout_sec=timeout_sec)


@dataclass(slots=True, kw_only=True)
class _Part:
    """Messages with the tokens that they take: the server's count where it is known, else a bound."""

    messages: list[dict[str, Any]]
    tokens: int
    outputs: tuple[str, ...] = ()


class MessageConversation:
    """The messages of one conversation so far."""

    def __init__(self, model: MessageChatModel, opening: Opening, tools: Sequence[dict[str, Any]], seed: int) -> None:
        system = [{"role": "system", "content": opening.system}] if opening.system else []
        messages: list[dict[str, Any]] = [*system, {"role": "user", "content": opening.prompt}]
        self._model = model
        self._tools = list(tools)
        self._parts = [_Part(messages=messages, tokens=_bound(messages) + text_bound(json.dumps(self._tools)))]
        self._calls: list[str] = []
        self._seen: tuple[int, ...] = ()
        self._seed = seed
        self._replies = 0

    def hear(self, text: str) -> None:
        """Add a message of the user."""
        self._add([{"role": "user", "content": text}])

    def observe(self, outputs: Sequence[str]) -> None:
        """Add the results of the last message's tool calls."""
        messages = self._results(self._calls, outputs)
        self._parts.append(_Part(messages=messages, tokens=_bound(messages), outputs=tuple(outputs)))

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply | None:
        """Sample the model's next message; None where the context is full."""
        sampling = self._model.sampling
        limit = sampling.max_tokens if max_tokens is None else min(max_tokens, sampling.max_tokens)
        room = sampling.context - limit
        cut_chars = self._fit(room) if sampling.fit else 0
        if sum(part.tokens for part in self._parts) > room:
            return None
        answer = self._model.complete(self._body(limit), timeout_sec=timeout_sec)
        self._replies += 1
        self._measure(answer.usage)
        calls = answer.choices[0].message.tool_calls or [] if self._tools else []
        reply = replace(_reply(answer, calls), cut_chars=cut_chars)
        self._say(reply, [call.id for call in calls])
        return self._with_prompt(reply, answer.prompt_token_ids)

    def _body(self, max_tokens: int) -> dict[str, Any]:
        body = {
            "model": self._model.model,
            "messages": [message for part in self._parts for message in part.messages],
            "max_tokens": max_tokens,
            "temperature": self._model.sampling.temperature,
            "seed": (self._seed + 7919 * self._replies) % 2**31,  # another stream for each message
        }
        return {**body, "tools": self._tools} if self._tools else body

    def _fit(self, room: int) -> int:
        """Cut old tool output until the conversation has room; return the characters that are gone."""
        pieces = [Piece(tokens=part.tokens, outputs=part.outputs) for part in self._parts]
        cuts = cuts_to_fit(pieces, room, lambda outputs: _bound(self._results([""] * len(outputs), outputs)))
        for cut in cuts:
            part = self._parts[cut.index]
            ids = [message["tool_call_id"] for message in part.messages]
            messages = self._results(ids, cut.outputs)
            tokens = min(part.tokens, _bound(messages))
            self._parts[cut.index] = _Part(messages=messages, tokens=tokens, outputs=cut.outputs)
        return sum(cut.chars for cut in cuts)

    def _measure(self, usage: _Usage | None) -> None:
        """Correct the newest part's bound, so that all parts together are what the server counted."""
        if usage is not None:
            newest = self._parts[-1]
            newest.tokens = max(0, newest.tokens + usage.prompt_tokens - sum(part.tokens for part in self._parts))

    def _say(self, reply: Reply, names: Sequence[str]) -> None:
        """Add the model's own message, with calls that every server can read back."""
        self._calls = [name or f"call_{self._replies}_{index}" for index, name in enumerate(names)]
        written: dict[str, Any] = {"role": "assistant", "content": reply.content}
        if names:
            written["tool_calls"] = [
                {
                    "id": name,
                    "type": "function",
                    "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
                }
                for name, call in zip(self._calls, reply.tool_calls, strict=True)
            ]
        self._parts.append(_Part(messages=[written], tokens=reply.sampled_tokens + MESSAGE_TOKENS))

    def _with_prompt(self, reply: Reply, prompt: Sequence[int] | None) -> Reply:
        """Put the ids to the reply that entered the model since its last message, where the server gives them."""
        if prompt is None or reply.token_ids is None:
            return replace(reply, restarted=bool(reply.cut_chars))
        ids, seen = tuple(prompt), self._seen
        self._seen = ids + reply.token_ids
        if ids[: len(seen)] == seen and not reply.cut_chars:
            return replace(reply, fed=ids[len(seen) :])
        return replace(reply, fed=ids, restarted=True)

    def _add(self, messages: list[dict[str, Any]]) -> None:
        self._parts.append(_Part(messages=messages, tokens=_bound(messages)))

    @staticmethod
    def _results(calls: Sequence[str], outputs: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"role": "tool", "tool_call_id": name, "content": output}
            for name, output in zip(calls, outputs, strict=True)
        ]


def _bound(messages: Sequence[dict[str, Any]]) -> int:
    return sum(text_bound(message["content"]) + MESSAGE_TOKENS for message in messages)


def _reply(answer: _Answer, written: Sequence[_Call]) -> Reply:
    """Read a server's answer with the calls in it; raises ModelServerError where it is beyond all bounds."""
    choice, usage = answer.choices[0], answer.usage
    calls = tuple(_tool_call(call.function) for call in written)
    content = choice.message.content or ""
    if len(content) + sum(len(str(call.arguments)) + len(call.malformed) for call in calls) > MAX_MESSAGE_CHARS:
        raise ModelServerError(f"a message of more than {MAX_MESSAGE_CHARS} characters", reason="model-answer")
    ids = None if choice.token_ids is None else tuple(choice.token_ids)
    logprobs = tuple(entry.logprob for entry in choice.logprobs.content or ()) if choice.logprobs else ()
    told = bool(logprobs) and (ids is None or len(ids) == len(logprobs))
    return Reply(
        content=content,
        tool_calls=calls,
        token_ids=ids,
        logprobs=logprobs if told else None,
        finish_reason=(choice.finish_reason or "")[:40],
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
    )


def _tool_call(function: _Function) -> ToolCall:
    """Read a call's arguments: most servers write them as a JSON string, some as an object."""
    written = function.arguments
    try:
        arguments = json.loads(written) if isinstance(written, str) else written
        # NaN, infinities and lone surrogates pass json.loads, but no record of the trial could hold them.
        json.dumps(arguments, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        return ToolCall(name=function.name, arguments={}, malformed=str(written) or "(nothing)")
    return ToolCall(name=function.name, arguments=arguments)
