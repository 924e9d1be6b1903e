"""Talk to a policy token by token: ids in, ids and log-probabilities out, nothing ever tokenised twice."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.model_server.endpoint import SILENT_SEC, Endpoint
from posttrain_arena.adapters.model_server.process import ModelProcess
from posttrain_arena.adapters.model_server.recovery import Recovery
from posttrain_arena.core.trial.context import Piece, cuts_to_fit
from posttrain_arena.core.trial.conversation import Opening, Reply
from posttrain_arena.errors import ModelServerError

TokenId = Annotated[int, msgspec.Meta(ge=0)]

SYNC_SEC = 120
"""How long it may take to load an adapter, or to score a text with it: seconds, and a batch that comes before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """``max_tokens`` per message; ``context`` is the most tokens a conversation may have.

    ``fit`` cuts old tool output where the context is full; without it the conversation ends there. ``stop_ids`` are the
    tokens that end a message, where it is asked for by token ids.
    """

    max_tokens: int
    temperature: float
    context: int
    fit: bool = False
    stop_ids: tuple[int, ...] = ()


class _Logprobs(msgspec.Struct):
    token_logprobs: list[float]


class _Choice(msgspec.Struct):
    token_ids: list[TokenId]
    logprobs: _Logprobs
    finish_reason: str


class _PromptLogprobs(msgspec.Struct):
    token_logprobs: list[float | None]


class _Completion(msgspec.Struct):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]


class _ScoredChoice(msgspec.Struct):
    logprobs: _PromptLogprobs


class _Scored(msgspec.Struct):
    choices: Annotated[list[_ScoredChoice], msgspec.Meta(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapter:
    """An adapter as the server knows it: every load has a name of its own."""

    served_as: str
    folder: Path


class PolicyServer:
    """One OpenAI-compatible completion server (vLLM, or ours where vLLM does not run). Safe to use from many threads.

    Where its process is given and has died or hangs, the next request starts it again and loads its adapters; that
    request fails with the reason RESTARTED, so that what it was part of begins anew, with all of its time.
    """

    def __init__(
        self, url: str, *, key: str = "", process: ModelProcess | None = None, silent_sec: float = SILENT_SEC
    ) -> None:
        self.endpoint = Endpoint(url, key=key, silent_sec=silent_sec)
        self._ask = Recovery(self.endpoint, process, self._load_all).ask
        self._adapters: dict[str, _Adapter] = {}
        self._loading = threading.RLock()
        self._loads = itertools.count(1)

    def __enter__(self) -> PolicyServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.endpoint.close()

    def load_adapter(self, name: str, folder: Path) -> None:
        """Answer to ``name`` with the LoRA adapter in ``folder``, which must stay; what had the name is forgotten.

        To the server every load is a new name: vLLM keeps what it computed by the adapter's name, also that of the
        adapter that had the name before.
        """
        with self._loading:
            self.unload_adapter(name)
            adapter = _Adapter(served_as=f"{name}@{next(self._loads)}", folder=folder.resolve())
            self._ask(lambda: self._load(adapter))
            self._adapters[name] = adapter

    def unload_adapter(self, name: str) -> None:
        """Forget the adapter that has the name, if one has it, and give its place free."""
        with self._loading:
            known = self._adapters.pop(name, None)
            if known is not None:
                self._ask(lambda: self._sync("/v1/unload_lora_adapter", {"lora_name": known.served_as}))

    def score(self, model: str, ids: Sequence[int]) -> tuple[float, ...]:
        """Return the log-probability of every token but the first, given those before it."""
        body = {
            "model": self._served_as(model),
            "prompt": list(ids),
            "max_tokens": 0,
            "echo": True,
            "logprobs": 0,
            "return_token_ids": True,
        }
        choice = self._ask(lambda: self.endpoint.ask("/v1/completions", body, _Scored, timeout_sec=SYNC_SEC)).choices[0]
        logprobs = [value for value in choice.logprobs.token_logprobs if value is not None]
        if len(logprobs) != len(ids) - 1:
            detail = f"{len(logprobs)} log-probabilities for a prompt of {len(ids)} tokens"
            raise ModelServerError(f"/v1/completions: {detail}", reason="model-answer")
        return tuple(logprobs)

    def complete(
        self, model: str, ids: Sequence[int], *, seed: int, sampling: Sampling, timeout_sec: float | None = None
    ) -> Reply:
        """Return a completion of token ids, not yet parsed: its ids, their log-probabilities and why it ended."""
        body = {
            "model": self._served_as(model),
            "prompt": list(ids),
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "stop_token_ids": list(sampling.stop_ids),
            "seed": seed,
            "logprobs": 0,
            "return_token_ids": True,
            "skip_special_tokens": False,
        }
        answer = self._ask(lambda: self.endpoint.ask("/v1/completions", body, _Completion, timeout_sec=timeout_sec))
        choice = answer.choices[0]
        sampled, logprobs = tuple(choice.token_ids), tuple(choice.logprobs.token_logprobs)
        if len(sampled) != len(logprobs) or len(sampled) > sampling.max_tokens:
            detail = f"{len(sampled)} ids with {len(logprobs)} log-probabilities for max_tokens {sampling.max_tokens}"
            raise ModelServerError(f"/v1/completions: {detail}", reason="model-answer")
        return Reply(
            token_ids=sampled,
            logprobs=logprobs,
            finish_reason=choice.finish_reason,
            prompt_tokens=len(ids),
            completion_tokens=len(sampled),
        )

    def _served_as(self, model: str) -> str:
        adapter = self._adapters.get(model)
        return adapter.served_as if adapter else model

    def _load(self, adapter: _Adapter) -> None:
        self._sync("/v1/load_lora_adapter", {"lora_name": adapter.served_as, "lora_path": str(adapter.folder)})

    def _sync(self, path: str, body: dict[str, str]) -> None:
        self.endpoint.send(path, body, timeout_sec=SYNC_SEC)

    def _load_all(self) -> None:
        for adapter in list(self._adapters.values()):
            self._load(adapter)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChatModel:
    """A served model that the ``chat`` agent can talk to; implements ``core.trial.conversation.ChatModel``."""

    server: PolicyServer
    model: str
    tokens: ChatTokens
    sampling: Sampling

    def start(self, opening: Opening, tools: Sequence[dict[str, Any]], *, seed: int) -> TokenConversation:
        """Begin a conversation whose sampling follows ``seed``."""
        return TokenConversation(self, self.tokens.prompt(opening.prompt, tools, system=opening.system), seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    ids: tuple[int, ...]
    outputs: tuple[str, ...] = ()


class TokenConversation:
    """The ids of one conversation so far, in parts that are each tokenised once."""

    def __init__(self, model: TokenChatModel, ids: Sequence[int], seed: int) -> None:
        self._model = model
        self._parts = [_Part(ids=tuple(ids))]
        self._reported = 0
        self._seed = seed
        self._replies = 0

    def hear(self, text: str) -> None:
        """Add a message of the user."""
        self._parts.append(_Part(ids=tuple(self._model.tokens.user_message(text))))

    def observe(self, outputs: Sequence[str]) -> None:
        """Hand the results of the last message's tool calls to the model."""
        self._parts.append(_Part(ids=tuple(self._model.tokens.tool_results(outputs)), outputs=tuple(outputs)))

    def reply(self, *, max_tokens: int | None, timeout_sec: float) -> Reply | None:
        """Sample the model's next message; None where the context is full."""
        sampling = replace(self._model.sampling, stop_ids=(self._model.tokens.end_id,))
        if max_tokens is not None:
            sampling = replace(sampling, max_tokens=min(max_tokens, sampling.max_tokens))
        room = sampling.context - sampling.max_tokens
        cut_chars = self._fit(room) if sampling.fit else 0
        ids = self._ids(self._parts)
        if len(ids) > room:
            return None
        fed = ids if cut_chars else self._ids(self._parts[self._reported :])
        seed = (self._seed + 7919 * self._replies) % 2**63  # another stream for each message of the conversation
        complete = self._model.server.complete
        sampled = complete(self._model.model, ids, seed=seed, sampling=sampling, timeout_sec=timeout_sec)
        self._replies += 1
        self._parts.append(_Part(ids=sampled.token_ids or ()))
        self._reported = len(self._parts)
        content, calls = self._model.tokens.parse(sampled.token_ids or ())
        restarted = bool(cut_chars)
        return replace(sampled, content=content, tool_calls=calls, fed=fed, restarted=restarted, cut_chars=cut_chars)

    def _fit(self, room: int) -> int:
        """Cut old tool output until the conversation has room; return the characters that are gone."""
        pieces = [Piece(tokens=len(part.ids), outputs=part.outputs) for part in self._parts]
        render = self._model.tokens.tool_results
        cuts = cuts_to_fit(pieces, room, lambda outputs: len(render(outputs)))
        for cut in cuts:
            self._parts[cut.index] = _Part(ids=tuple(render(cut.outputs)), outputs=cut.outputs)
        return sum(cut.chars for cut in cuts)

    @staticmethod
    def _ids(parts: Sequence[_Part]) -> tuple[int, ...]:
        return tuple(token for part in parts for token in part.ids)
